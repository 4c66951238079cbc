/* The spelling <Schannel.h> for <schannel.h>. */
#pragma once

#include "schannel.h"
