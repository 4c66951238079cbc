/* The spelling <SDKDDKVer.h> for <sdkddkver.h>. */
#pragma once

#include "sdkddkver.h"
