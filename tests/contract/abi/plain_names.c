/* Names without A or W must be the W form with UNICODE and the A form without, also as members of
 * the function table. Compiled twice; it is enough that it compiles. */

/* The order of headers in programs of the year 2000: schannel.h first. */
#include <openschannel/schannel.h>
#define SECURITY_WIN32
#include <openschannel/security.h>
#include <openschannel/wincrypt.h>

#ifdef UNICODE
typedef WCHAR Character;
#define FORM(name) name##_W
#define INFO SecPkgInfoW
#else
typedef CHAR Character;
#define FORM(name) name##_A
#define INFO SecPkgInfoA
#endif

#define IS(expression, type) _Generic((expression), type : 1, default : 0)

_Static_assert(sizeof(UNISP_NAME[0]) == sizeof(Character), "UNISP_NAME");
_Static_assert(sizeof(SCHANNEL_NAME[0]) == sizeof(Character), "SCHANNEL_NAME");
_Static_assert(sizeof(TCHAR) == sizeof(Character), "TCHAR");
_Static_assert(IS(((SecPkgContext_PackageInfo*)0)->PackageInfo, INFO*),
               "SecPkgContext_PackageInfo");
_Static_assert(IS(&InitializeSecurityContext, INITIALIZE_SECURITY_CONTEXT_FN), "function");
_Static_assert(IS((INITIALIZE_SECURITY_CONTEXT_FN)0, FORM(INITIALIZE_SECURITY_CONTEXT_FN)), "type");
_Static_assert(IS(((PSecurityFunctionTable)0)->AcquireCredentialsHandle,
                  FORM(ACQUIRE_CREDENTIALS_HANDLE_FN)),
               "member by its plain name");
_Static_assert(IS(((PSecurityFunctionTable)0)->QueryContextAttributes,
                  FORM(QUERY_CONTEXT_ATTRIBUTES_FN)),
               "member by its plain name");
_Static_assert(IS(((PSecurityFunctionTable)0)->FreeCredentialHandle, FREE_CREDENTIALS_HANDLE_FN),
               "old name");
_Static_assert(IS(&InitSecurityInterface, FORM(INIT_SECURITY_INTERFACE)), "entry point");

/* Both forms stay reachable by their full names. */
_Static_assert(IS(((PSecurityFunctionTableA)0)->AcquireCredentialsHandleA,
                  ACQUIRE_CREDENTIALS_HANDLE_FN_A),
               "A");
_Static_assert(IS(((PSecurityFunctionTableW)0)->AcquireCredentialsHandleW,
                  ACQUIRE_CREDENTIALS_HANDLE_FN_W),
               "W");
