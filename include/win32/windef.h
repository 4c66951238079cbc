/* <windef.h>: base types. */
#pragma once

#include "windows.h"
