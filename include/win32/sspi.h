/* <sspi.h> for programs written for Windows. */
#pragma once

#include <openschannel/sspi.h>
#include "windows.h"
