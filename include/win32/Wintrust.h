/* The spelling <Wintrust.h> for <wintrust.h>. */
#pragma once

#include "wintrust.h"
