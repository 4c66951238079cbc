/* The spelling <Sspi.h> for <sspi.h>. */
#pragma once

#include "sspi.h"
