/* The spelling <WinTrust.h> for <wintrust.h>. */
#pragma once

#include "wintrust.h"
