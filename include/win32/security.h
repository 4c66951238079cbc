/* <security.h> for programs written for Windows. */
#pragma once

#include <openschannel/security.h>
#include "windows.h"
