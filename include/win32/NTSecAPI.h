/* The spelling <NTSecAPI.h> for <ntsecapi.h>. */
#pragma once

#include "ntsecapi.h"
