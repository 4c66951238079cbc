/* <ntsecapi.h>: UNICODE_STRING, LUID and NTSTATUS. */
#pragma once

#include "windows.h"
