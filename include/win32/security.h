/* <security.h> for programs written for Windows. */
#pragma once

#include "windows.h"
#include <openschannel/security.h>
