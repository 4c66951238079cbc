/* <windows.h> for programs written for Windows: the base types and the words their source is
 * sprinkled with, but no operating system. Functions of Windows that have nothing to do with
 * certificates or security contexts are not here.
 *
 * As on Windows it brings wincrypt.h, unless WIN32_LEAN_AND_MEAN or NOCRYPT is defined, and defines
 * short words like IN and OUT: include it after the headers of other libraries.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openschannel/windef.h>
#include <openschannel/winerror.h>

#include "sal.h"
#include "sdkddkver.h"

/* Calling conventions and storage classes have no meaning here. */
#ifndef __cdecl
#define __cdecl
#endif
#ifndef _cdecl
#define _cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef __declspec
#define __declspec(x)
#endif
#ifndef DECLSPEC_IMPORT
#define DECLSPEC_IMPORT
#endif
#ifndef PASCAL
#define PASCAL
#endif
#ifndef WINAPIV
#define WINAPIV
#endif
#ifndef __int64
#define __int64 long long
#endif
#ifndef EXTERN_C
#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif
#endif

#ifndef VOID
#define VOID void
#endif
#ifndef CONST
#define CONST const
#endif
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#ifndef FAR
#define FAR
#endif
#ifndef NEAR
#define NEAR
#endif

#ifdef UNICODE
#define __TEXT(quote) L##quote
#else
#define __TEXT(quote) quote
#endif
#ifndef TEXT
#define TEXT(quote) __TEXT(quote)
#endif

#define MAX_PATH 260
#define MAXDWORD 0xFFFFFFFF
#define INFINITE 0xFFFFFFFF
#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)(-1))

#define UNREFERENCED_PARAMETER(P) ((void)(P))
#define DECLARE_HANDLE(name) \
  struct name##__ {          \
    int unused;              \
  };                         \
  typedef struct name##__* name

#define MAKEWORD(low, high) ((WORD)((BYTE)(low) | ((WORD)(BYTE)(high) << 8)))
#define MAKELONG(low, high) ((LONG)((WORD)(low) | ((DWORD)(WORD)(high) << 16)))
#define LOWORD(x) ((WORD)((DWORD_PTR)(x)&0xFFFF))
#define HIWORD(x) ((WORD)(((DWORD_PTR)(x) >> 16) & 0xFFFF))
#define LOBYTE(x) ((BYTE)((DWORD_PTR)(x)&0xFF))
#define HIBYTE(x) ((BYTE)(((DWORD_PTR)(x) >> 8) & 0xFF))

#ifndef ARRAYSIZE
#define ARRAYSIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif
#ifndef _countof
#define _countof(array) (sizeof(array) / sizeof((array)[0]))
#endif
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define CONTAINING_RECORD(address, type, field) ((type*)((PCHAR)(address)-offsetof(type, field)))

#define RtlZeroMemory(destination, length) memset((destination), 0, (length))
#define RtlCopyMemory(destination, source, length) memcpy((destination), (source), (length))
#define RtlMoveMemory(destination, source, length) memmove((destination), (source), (length))
#define RtlFillMemory(destination, length, fill) memset((destination), (fill), (length))
#define RtlEqualMemory(left, right, length) (memcmp((left), (right), (length)) == 0)
#define ZeroMemory RtlZeroMemory
#define CopyMemory RtlCopyMemory
#define MoveMemory RtlMoveMemory
#define FillMemory RtlFillMemory

/* Zeroes memory in a way the compiler cannot leave out. */
static inline PVOID SecureZeroMemory(PVOID destination, SIZE_T length) {
  volatile unsigned char* byte = (volatile unsigned char*)destination;
  while (length != 0) {
    *byte++ = 0;
    --length;
  }
  return destination;
}

#if !defined(__cplusplus) && !defined(NOMINMAX)
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#endif

#if !defined(WIN32_LEAN_AND_MEAN) && !defined(NOCRYPT)
#include <openschannel/wincrypt.h>
#endif
