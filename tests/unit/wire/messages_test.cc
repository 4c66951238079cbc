#include "wire/messages.h"

#include <gtest/gtest.h>

#include "unit/vectors.h"

// Question answered here: does every parser take what is right, refuse every truncation and every
// trailing byte, and does what we write read back the same?
namespace schannel::wire {
namespace {

template <class T>
void expect_only_whole(const Buffer& encoding) {
  EXPECT_TRUE(decode<T>(encoding));
  for (std::size_t size = 0; size < encoding.size(); ++size) {
    EXPECT_FALSE(decode<T>(Bytes(encoding).first(size))) << "cut at " << size;
  }
  Buffer longer = encoding;
  longer.push_back(0);
  EXPECT_FALSE(decode<T>(longer)) << "trailing byte";
}

/// The body of the first handshake message in a record of an RFC 8448 trace.
Buffer body_of(const char* key) {
  const Buffer record = test::read_vectors("rfc8448/simple_1rtt.vec").at(key);
  const std::size_t header = record[0] == 22 ? 5 + 4 : 4;
  return Buffer(record.begin() + static_cast<std::ptrdiff_t>(header), record.end());
}

TEST(ClientHello, of_rfc8448_has_the_fields_of_the_trace) {
  const Buffer body = body_of("client_hello_record");
  const auto hello = decode<ClientHello>(body);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->legacy_version, 0x0303);
  EXPECT_TRUE(hello->legacy_session_id.empty());
  EXPECT_EQ(hello->cipher_suites, (std::vector<std::uint16_t>{0x1301, 0x1303, 0x1302}));
  const auto name = decode<ServerName>(*hello->extensions.find(ExtensionType::server_name));
  ASSERT_TRUE(name);
  EXPECT_EQ(as_text(name->host_name), "server");
  const auto shares = decode<ClientKeyShares>(*hello->extensions.find(ExtensionType::key_share));
  ASSERT_TRUE(shares);
  ASSERT_EQ(shares->entries.size(), 1U);
  EXPECT_EQ(shares->entries[0].group, 0x001d);
}

TEST(ClientHello, refuses_every_truncation_but_the_end_of_the_fixed_part) {
  // TLS 1.2 allows a hello that ends before the extension block.
  const Buffer body = body_of("client_hello_record");
  const std::size_t fixed = 2 + 32 + 1 + 2 + 6 + 2;
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(bool(decode<ClientHello>(Bytes(body).first(size))), size == fixed) << size;
  }
}

TEST(ServerHello, of_rfc8448_and_its_retry_request) {
  const Buffer body = body_of("server_hello_record");
  const auto hello = decode<ServerHello>(body);
  ASSERT_TRUE(hello);
  EXPECT_FALSE(hello->is_hello_retry_request());
  const Buffer retry =
      test::read_vectors("rfc8448/hello_retry_request.vec").at("hello_retry_request_record");
  const auto request = decode<ServerHello>(Bytes(retry).subspan(9));
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->is_hello_retry_request());
  const auto cookie = decode<Cookie>(*request->extensions.find(ExtensionType::cookie));
  ASSERT_TRUE(cookie);
  EXPECT_FALSE(cookie->cookie.empty());
}

TEST(Messages, of_rfc8448_refuse_every_truncation_and_trailing_bytes) {
  expect_only_whole<EncryptedExtensions>(body_of("encrypted_extensions_message"));
  expect_only_whole<Certificate13>(body_of("certificate_message"));
  expect_only_whole<CertificateVerify>(body_of("certificate_verify_message"));
}

TEST(Messages, read_back_what_was_written) {
  expect_only_whole<KeyUpdate>(encode(KeyUpdate{true}));
  const std::uint8_t key[] = {4, 1, 2};
  expect_only_whole<ClientKeyExchange>(encode(ClientKeyExchange{key}));
  const CertificateRequest12 request{.certificate_types = key,
                                     .signature_algorithms = {0x0403, 0x0804},
                                     .certificate_authorities = {key, key}};
  const Buffer encoded = encode(request);
  expect_only_whole<CertificateRequest12>(encoded);
  const auto back = decode<CertificateRequest12>(encoded);
  EXPECT_EQ(back->signature_algorithms, request.signature_algorithms);
  EXPECT_EQ(back->certificate_authorities.size(), 2U);
  Buffer exchange = encode_server_ecdh_params(NamedGroup::x25519, Buffer(32, 7));
  append(exchange, encode(CertificateVerify{SignatureScheme::ed25519, key}));
  expect_only_whole<ServerKeyExchange>(exchange);
  EXPECT_EQ(decode<ServerKeyExchange>(exchange)->params.size(), 4U + 32U);
}

TEST(Extensions, read_back_what_was_written) {
  const Buffer name = {'a', '.', 'b'};
  expect_only_whole<ServerName>(encode(ServerName{name}));
  expect_only_whole<U16List>(encode(U16List{{1, 2, 3}}));
  expect_only_whole<ProtocolNameList>(encode(ProtocolNameList{{name, name}}));
  expect_only_whole<ClientVersions>(encode(ClientVersions{{0x0304, 0x0303}}));
  expect_only_whole<KeyShareEntry>(encode(KeyShareEntry{29, name}));
  expect_only_whole<ClientKeyShares>(encode(ClientKeyShares{{{29, name}, {23, name}}}));
  expect_only_whole<Cookie>(encode(Cookie{name}));
  expect_only_whole<CertificateAuthorities>(encode(CertificateAuthorities{{name}}));
  expect_only_whole<CertificateStatusRequest>(encode(CertificateStatusRequest{1}));
  expect_only_whole<OcspResponse>(encode(OcspResponse{name}));
  expect_only_whole<ShortOpaque>(encode(ShortOpaque{name}));
}

Result<EncryptedExtensions> decode_block(const Buffer& extensions) {
  Buffer block;
  Writer writer(block);
  writer.vector(2, [&] { writer.bytes(extensions); });
  return decode<EncryptedExtensions>(block);
}

TEST(Extensions, a_duplicate_is_illegal_parameter) {
  const auto decoded = decode_block({0, 10, 0, 0, 0, 10, 0, 0});
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().cause, Cause::illegal_parameter);
}

TEST(Extensions, more_than_the_limit_are_refused) {
  Buffer many;
  for (std::size_t i = 0; i <= kExtensionCountMax; ++i) {
    append(many, Buffer{0x40, static_cast<std::uint8_t>(i), 0, 0});
  }
  EXPECT_FALSE(decode_block(many));
  many.resize(many.size() - 4);
  EXPECT_TRUE(decode_block(many));
}

TEST(Certificate13, more_certificates_than_the_limit_are_refused) {
  const auto list = [](std::size_t count) {
    Buffer out;
    Writer writer(out);
    writer.u8(0);
    writer.vector(3, [&] {
      for (std::size_t i = 0; i < count; ++i) {
        writer.vector(3, [&] { writer.u8(1); });
        writer.u16(0);
      }
    });
    return out;
  };
  EXPECT_TRUE(decode<Certificate13>(list(kCertificateCountMax)));
  const auto decoded = decode<Certificate13>(list(kCertificateCountMax + 1));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().cause, Cause::certificate_list_too_long);
}

TEST(Writer, a_body_that_outgrows_its_length_field_is_remembered) {
  Buffer out;
  Writer writer(out);
  writer.vector(1, [&] { writer.bytes(Buffer(255)); });
  EXPECT_FALSE(writer.overflowed());
  writer.vector(1, [&] { writer.bytes(Buffer(256)); });
  EXPECT_TRUE(writer.overflowed());
}

TEST(ExtensionContext, known_extensions_stand_only_where_rfc8446_puts_them) {
  EXPECT_TRUE(is_allowed_13(ExtensionType::key_share, ExtensionContext::server_hello));
  EXPECT_FALSE(is_allowed_13(ExtensionType::key_share, ExtensionContext::encrypted_extensions));
  EXPECT_FALSE(is_allowed_13(ExtensionType::server_name, ExtensionContext::server_hello));
  EXPECT_TRUE(is_allowed_13(static_cast<ExtensionType>(0x1234), ExtensionContext::server_hello));
}

}  // namespace
}  // namespace schannel::wire
