/* <wincrypt.h> for programs written for Windows. */
#pragma once

#include <openschannel/wincrypt.h>
#include "windows.h"
