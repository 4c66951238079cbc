/* The spelling <WinCrypt.h> for <wincrypt.h>. */
#pragma once

#include "wincrypt.h"
