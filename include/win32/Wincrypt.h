/* The spelling <Wincrypt.h> for <wincrypt.h>. */
#pragma once

#include "wincrypt.h"
