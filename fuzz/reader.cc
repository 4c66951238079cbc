#include "require.h"
#include "wire/messages.h"

// Every structure that comes off the wire. The first byte says which; what reads and can be written
// must read back the same.
namespace schannel::wire {
namespace {

/// False for what is read and never written by us.
template <class T>
bool is_written(const T&) {
  return true;
}
bool is_written(const ServerName& name) { return !name.host_name.empty(); }

template <class T>
void read_one(Bytes in) {
  const Result<T> value = decode<T>(in);
  if (!value) return;
  if constexpr (requires(Writer & writer) { value->write(writer); }) {
    if (!is_written(*value)) return;
    const Buffer written = encode(*value);
    const Result<T> again = decode<T>(written);
    REQUIRE(again);
    REQUIRE(encode(*again) == written);
  }
}

using Read = void (*)(Bytes);

constexpr Read kBodies[] = {
    read_one<ServerName>,
    read_one<U16List>,
    read_one<ProtocolNameList>,
    read_one<ClientVersions>,
    read_one<U16Value>,
    read_one<KeyShareEntry>,
    read_one<ClientKeyShares>,
    read_one<Cookie>,
    read_one<CertificateAuthorities>,
    read_one<CertificateStatusRequest>,
    read_one<OcspResponse>,
    read_one<ShortOpaque>,
    read_one<EmptyBody>,
};

/// A message with extensions, and each body read as everything it might be.
void read_bodies(const ExtensionList& extensions) {
  for (const Extension& extension : extensions.all()) {
    REQUIRE(extensions.has(extension.type));
    for (int context = 1; context <= 64; context *= 2) {
      static_cast<void>(is_allowed_13(extension.type, static_cast<ExtensionContext>(context)));
    }
    for (const Read read : kBodies) read(extension.body);
  }
}

template <class T>
void read_extended(Bytes in) {
  const Result<T> value = decode<T>(in);
  if (value) read_bodies(value->extensions);
}

void read_certificate13(Bytes in) {
  const Result<Certificate13> value = decode<Certificate13>(in);
  if (!value) return;
  REQUIRE(value->entries.size() <= kCertificateCountMax);
  for (const CertificateEntry& entry : value->entries) read_bodies(entry.extensions);
}

constexpr Read kMessages[] = {
    read_extended<ClientHello>,
    read_extended<ServerHello>,
    read_extended<EncryptedExtensions>,
    read_extended<CertificateRequest13>,
    read_extended<NewSessionTicket13>,
    read_certificate13,
    read_one<Certificate12>,
    read_one<CertificateVerify>,
    read_one<Finished>,
    read_one<KeyUpdate>,
    read_one<CertificateStatus>,
    read_one<ServerKeyExchange>,
    read_one<CertificateRequest12>,
    read_one<ServerHelloDone>,
    read_one<ClientKeyExchange>,
    read_one<NewSessionTicket12>,
    read_one<HelloRequest>,
};

}  // namespace
}  // namespace schannel::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace schannel::wire;  // NOLINT(google-build-using-namespace): the target's own part
  if (size == 0) return 0;
  const schannel::Bytes in{data + 1, size - 1};
  const std::size_t which = data[0] % (std::size(kMessages) + std::size(kBodies));
  if (which < std::size(kMessages)) {
    kMessages[which](in);
  } else {
    kBodies[which - std::size(kMessages)](in);
  }
  return 0;
}
