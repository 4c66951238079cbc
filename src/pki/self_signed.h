#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "crypto/signature.h"
#include "pki/answer.h"
#include "pki/certificate.h"

namespace schannel::pki {

/// A new key and a certificate for `names` (DNS names, wildcards and addresses, separated by
/// commas) signed with it: for servers and clients, no authority, valid from one hour before `now`
/// (seconds since 1970) for `days` days. E_INVALIDARG, NTE_FAIL.
Answer<std::shared_ptr<Certificate>> make_self_signed(std::string_view names, crypto::KeyType type,
                                                      std::uint32_t days, std::int64_t now);

}  // namespace schannel::pki
