/* Base types of the Windows API as OpenSchannel uses them.
 *
 * Every type has the width it has on 64-bit Windows, whatever the width of C's long: DWORD, ULONG,
 * LONG, BOOL, HRESULT and SECURITY_STATUS are 32 bits, handles and ULONG_PTR are as wide as a
 * pointer. The one intended difference is WCHAR, which is wchar_t (32 bits on Linux) so that L"..."
 * literals, wcslen and std::wstring work; wide strings are therefore UTF-32.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

/* Marks each exported function; everything else in the library is hidden. */
#ifndef OPENSCHANNEL_API
#if defined(__GNUC__)
#define OPENSCHANNEL_API __attribute__((visibility("default")))
#else
#define OPENSCHANNEL_API
#endif
#endif

/* Calling conventions have no meaning on Linux. */
#ifndef WINAPI
#define WINAPI
#endif
#ifndef APIENTRY
#define APIENTRY
#endif
#ifndef CALLBACK
#define CALLBACK
#endif
#ifndef SEC_ENTRY
#define SEC_ENTRY
#endif

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Integers of fixed width. */
typedef uint8_t BYTE;
typedef uint8_t UCHAR;
typedef uint8_t BOOLEAN;
typedef uint8_t UINT8;
typedef int8_t INT8;
typedef uint16_t WORD;
typedef uint16_t USHORT;
typedef uint16_t UINT16;
typedef int16_t SHORT;
typedef int16_t INT16;
typedef int32_t INT;
typedef int32_t INT32;
typedef int32_t LONG;
typedef int32_t LONG32;
typedef int32_t BOOL;
typedef int32_t WINBOOL;
typedef int32_t HRESULT;
typedef int32_t NTSTATUS;
typedef int32_t SECURITY_STATUS;
typedef uint32_t UINT;
typedef uint32_t UINT32;
typedef uint32_t DWORD;
typedef uint32_t DWORD32;
typedef uint32_t ULONG;
typedef uint32_t ULONG32;
typedef int64_t INT64;
typedef int64_t LONGLONG;
typedef int64_t LONG64;
typedef uint64_t UINT64;
typedef uint64_t ULONGLONG;
typedef uint64_t ULONG64;
typedef uint64_t DWORDLONG;
typedef uint64_t DWORD64;
typedef float FLOAT;

/* Integers as wide as a pointer. */
typedef intptr_t INT_PTR;
typedef intptr_t LONG_PTR;
typedef intptr_t SSIZE_T;
typedef uintptr_t UINT_PTR;
typedef uintptr_t ULONG_PTR;
typedef uintptr_t DWORD_PTR;
typedef uintptr_t SIZE_T;

/* Characters and strings. A forms take UTF-8, W forms take UTF-32 (see above). */
typedef char CHAR;
typedef wchar_t WCHAR;
typedef CHAR *PCHAR, *PSTR, *LPSTR;
typedef const CHAR *PCSTR, *LPCSTR;
typedef WCHAR *PWCHAR, *PWSTR, *LPWSTR;
typedef const WCHAR *PCWSTR, *LPCWSTR;
#ifdef UNICODE
typedef WCHAR TCHAR;
#else
typedef CHAR TCHAR;
#endif
typedef TCHAR *PTSTR, *LPTSTR;
typedef const TCHAR *PCTSTR, *LPCTSTR;

/* Pointers. */
typedef void *PVOID, *LPVOID;
typedef const void *PCVOID, *LPCVOID;
typedef BYTE *PBYTE, *LPBYTE;
typedef UCHAR* PUCHAR;
typedef BOOL *PBOOL, *LPBOOL;
typedef BOOLEAN* PBOOLEAN;
typedef SHORT* PSHORT;
typedef USHORT* PUSHORT;
typedef WORD *PWORD, *LPWORD;
typedef INT *PINT, *LPINT;
typedef UINT* PUINT;
typedef LONG *PLONG, *LPLONG;
typedef ULONG* PULONG;
typedef DWORD *PDWORD, *LPDWORD;
typedef ULONG_PTR* PULONG_PTR;
typedef SIZE_T* PSIZE_T;

/* Handles. */
typedef void* HANDLE;
typedef HANDLE *PHANDLE, *LPHANDLE;
typedef HANDLE HLOCAL;
typedef HANDLE HGLOBAL;
typedef HANDLE HMODULE;
typedef HANDLE HINSTANCE;
typedef HANDLE HKEY;
typedef HANDLE HWND;

/* A point in time: 100-nanosecond intervals since 1601-01-01 00:00 UTC, in two halves. */
typedef struct _FILETIME {
  DWORD dwLowDateTime;
  DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

typedef struct _SYSTEMTIME {
  WORD wYear;
  WORD wMonth;     /* 1 to 12 */
  WORD wDayOfWeek; /* 0 is Sunday */
  WORD wDay;       /* 1 to 31 */
  WORD wHour;
  WORD wMinute;
  WORD wSecond;
  WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

typedef union _LARGE_INTEGER {
  __extension__ struct {
    DWORD LowPart;
    LONG HighPart;
  };
  struct {
    DWORD LowPart;
    LONG HighPart;
  } u;
  LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
  __extension__ struct {
    DWORD LowPart;
    DWORD HighPart;
  };
  struct {
    DWORD LowPart;
    DWORD HighPart;
  } u;
  ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _GUID {
  DWORD Data1;
  WORD Data2;
  WORD Data3;
  BYTE Data4[8];
} GUID;

typedef struct _LUID {
  DWORD LowPart;
  LONG HighPart;
} LUID, *PLUID;

/* A counted wide string; Length and MaximumLength are bytes, without a terminator. */
typedef struct _UNICODE_STRING {
  USHORT Length;
  USHORT MaximumLength;
  PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING* PCUNICODE_STRING;

/* Flags of LocalAlloc. Memory is always fixed: handle and pointer are the same. */
#define LMEM_FIXED 0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_ZEROINIT 0x0040
#define LPTR (LMEM_FIXED | LMEM_ZEROINIT)

/* GetLastError returns the calling thread's last error, set by the certificate functions
 * (wincrypt.h, extensions.h) when they fail. A function that succeeds may leave an older value
 * standing: read it only straight after a failure. ERROR_SUCCESS if nothing has failed in this
 * thread yet. */
OPENSCHANNEL_API DWORD WINAPI GetLastError(void);

/* SetLastError sets the value that GetLastError returns in the calling thread. */
OPENSCHANNEL_API void WINAPI SetLastError(DWORD dwErrCode);

/* CloseHandle closes a token of QuerySecurityContextToken, the only kind of handle here that it is
 * for. FALSE with GetLastError() ERROR_INVALID_HANDLE for anything else, for a token that is closed
 * already, and for one of SECPKG_ATTR_ACCESS_TOKEN, which its context closes. */
OPENSCHANNEL_API BOOL WINAPI CloseHandle(HANDLE hObject);

/* LocalAlloc allocates uBytes bytes, aligned for any type and zeroed if uFlags has LMEM_ZEROINIT;
 * other flags are accepted and have no effect. Returns NULL with GetLastError()
 * ERROR_NOT_ENOUGH_MEMORY if there is no memory. The caller frees the memory with LocalFree. */
OPENSCHANNEL_API HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes);

/* LocalFree frees memory from LocalAlloc, or from a function documented to allocate with it. NULL
 * is accepted and does nothing. Returns NULL. */
OPENSCHANNEL_API HLOCAL WINAPI LocalFree(HLOCAL hMem);

#ifdef __cplusplus
}
#endif
