/* <winbase.h>: GetLastError, LocalAlloc and their like. */
#pragma once

#include "windows.h"
