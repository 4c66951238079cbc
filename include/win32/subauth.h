/* <subauth.h>: UNICODE_STRING and NTSTATUS. */
#pragma once

#include "windows.h"
