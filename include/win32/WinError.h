/* The spelling <WinError.h> for <winerror.h>. */
#pragma once

#include "winerror.h"
