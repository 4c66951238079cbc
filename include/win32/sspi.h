/* <sspi.h> for programs written for Windows. */
#pragma once

#include "windows.h"
#include <openschannel/sspi.h>
