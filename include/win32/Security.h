/* The spelling <Security.h> for <security.h>. */
#pragma once

#include "security.h"
