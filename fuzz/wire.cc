#include "wire/messages.h"

// Every parser on any bytes: the first byte chooses, the rest is the body.
using namespace schannel;        // NOLINT(google-build-using-namespace): a fuzz target
using namespace schannel::wire;  // NOLINT(google-build-using-namespace): a fuzz target

namespace {

template <class T>
void parse(Bytes in) {
  const Result<T> value = decode<T>(in);
  static_cast<void>(bool(value));
}

template <class... T>
void parse_as(std::size_t which, Bytes in) {
  std::size_t i = 0;
  static_cast<void>(((i++ == which ? (parse<T>(in), true) : false) || ...));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  parse_as<ClientHello, ServerHello, EncryptedExtensions, CertificateRequest13, Certificate13,
           CertificateVerify, Finished, NewSessionTicket13, KeyUpdate, Certificate12,
           CertificateStatus, ServerKeyExchange, CertificateRequest12, ClientKeyExchange,
           NewSessionTicket12, ServerName, U16List, ProtocolNameList, ClientVersions, KeyShareEntry,
           ClientKeyShares, Cookie, CertificateAuthorities, CertificateStatusRequest, OcspResponse,
           ShortOpaque>(data[0] % 26, {data + 1, size - 1});
  return 0;
}
