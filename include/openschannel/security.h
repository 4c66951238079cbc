/* The header that Windows programs include for SSPI: sspi.h and the names of the other packages.
 *
 * SECURITY_WIN32 may be defined or not; SECURITY_KERNEL has no meaning here.
 */
#pragma once

#include <openschannel/sspi.h>

/* Packages that this library does not contain: asking for them gives SEC_E_SECPKG_NOT_FOUND. */
#define NEGOSSP_NAME_A "Negotiate"
#define NEGOSSP_NAME_W L"Negotiate"
#define NTLMSP_NAME_A "NTLM"
#define NTLMSP_NAME L"NTLM"
#define MICROSOFT_KERBEROS_NAME_A "Kerberos"
#define MICROSOFT_KERBEROS_NAME_W L"Kerberos"
#ifdef UNICODE
#define NEGOSSP_NAME NEGOSSP_NAME_W
#else
#define NEGOSSP_NAME NEGOSSP_NAME_A
#endif
