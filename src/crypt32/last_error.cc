#include <openschannel/windef.h>

namespace {

thread_local DWORD last_error_of_this_thread = 0;

}  // namespace

DWORD WINAPI GetLastError(void) { return last_error_of_this_thread; }
void WINAPI SetLastError(DWORD dwErrCode) { last_error_of_this_thread = dwErrCode; }
