#pragma once
#include "tls/config.h"

namespace schannel::package {

/// Where the secrets of new contexts go, in the NSS key log format; empty while it is off.
tls::KeyLog key_log();
/// OpenSchannelSetKeyLogFile: `path` null turns it off. False when the file can't be opened.
bool set_key_log_file(const char* path);

}  // namespace schannel::package
