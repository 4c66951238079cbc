#pragma once
#include "support/call.h"

// What tests of attributes share: room for a structure, and how to give back what it points to.
namespace contract {

/// Zeroed where the caller has something to say, else a pattern: `size` bytes and 64 to watch.
inline Bytes attribute_room(ULONG id, std::size_t size) {
  Bytes buffer(size + 64, 0xcc);
  if (id == SECPKG_ATTR_CIPHER_INFO) {
    const DWORD version = SECPKGCONTEXT_CIPHERINFO_V1;
    std::memcpy(buffer.data(), &version, sizeof version);
  }
  return buffer;
}

/// What a query allocated is given back, so that the leak checker has its say.
inline void release_attribute(ULONG id, const Bytes& buffer) {
  const auto free_at = [&](std::size_t offset) {
    void* block = nullptr;
    std::memcpy(&block, buffer.data() + offset, sizeof block);
    EXPECT_EQ(FreeContextBuffer(block), SEC_E_OK) << id;
  };
  switch (id) {
    case SECPKG_ATTR_NAMES:
    case SECPKG_ATTR_AUTHORITY:
    case SECPKG_ATTR_PROTO_INFO:
    case SECPKG_ATTR_PACKAGE_INFO:
    case SECPKG_ATTR_NEGOTIATION_INFO:
    case SECPKG_ATTR_CLIENT_SPECIFIED_TARGET:
    case SECPKG_ATTR_ISSUER_LIST_EX:
      return free_at(0);
    case SECPKG_ATTR_KEY_INFO:
      free_at(0);
      return free_at(8);
    case SECPKG_ATTR_SUPPORTED_SIGNATURES:
    case SECPKG_ATTR_SESSION_KEY:
    case SECPKG_ATTR_UNIQUE_BINDINGS:
    case SECPKG_ATTR_ENDPOINT_BINDINGS:
    case OPENSCHANNEL_ATTR_EXPORTER_BINDINGS:
    case SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS:
    case SECPKG_ATTR_KEYING_MATERIAL:
    case SECPKG_ATTR_TARGET_INFORMATION:
    case SECPKG_ATTR_APP_DATA:
    case SECPKG_ATTR_REMOTE_CERTIFICATES:
    case SECPKG_ATTR_SUPPORTED_ALGS:
      return free_at(8);
    case SECPKG_ATTR_REMOTE_CERT_CHAIN: {
      PCCERT_CHAIN_CONTEXT chain = nullptr;
      std::memcpy(&chain, buffer.data(), sizeof chain);
      CertFreeCertificateChain(chain);
      return;
    }
    case SECPKG_ATTR_REMOTE_CERT_CONTEXT:
    case SECPKG_ATTR_LOCAL_CERT_CONTEXT:
    case SECPKG_ATTR_ROOT_STORE: {
      PCCERT_CONTEXT context = nullptr;
      std::memcpy(&context, buffer.data(), sizeof context);
      CertFreeCertificateContext(context);
      return;
    }
    default:
      return;
  }
}

}  // namespace contract
