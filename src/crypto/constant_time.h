#pragma once
#include "base/bytes.h"

namespace schannel::crypto {

/// Compares in time that depends on the sizes only. Different sizes are unequal.
bool constant_time_equal(Bytes a, Bytes b);

}  // namespace schannel::crypto
