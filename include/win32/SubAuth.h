/* The spelling <SubAuth.h> for <subauth.h>. */
#pragma once

#include "subauth.h"
