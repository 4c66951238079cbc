/* <schannel.h> for programs written for Windows. */
#pragma once

#include <openschannel/schannel.h>
#include "windows.h"
