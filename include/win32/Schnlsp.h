/* The spelling <Schnlsp.h> for <schnlsp.h>. */
#pragma once

#include "schnlsp.h"
