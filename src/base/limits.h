#pragma once
#include <cstddef>
#include <cstdint>

// Everything a peer can make us spend, in one place. Each limit has a test that reaches it.
namespace schannel {

/// TLSPlaintext.length and TLSInnerPlaintext content (RFC 8446 section 5.1).
inline constexpr std::size_t kRecordPlaintextBytesMax = 16384;
/// TLSCiphertext.length in TLS 1.3 (RFC 8446 section 5.2).
inline constexpr std::size_t kRecordCiphertext13BytesMax = 16384 + 256;
/// TLSCiphertext.length in TLS 1.2 (RFC 5246 section 6.2.3).
inline constexpr std::size_t kRecordCiphertext12BytesMax = 16384 + 2048;
inline constexpr std::size_t kRecordHeaderBytes = 5;

/// A handshake message other than Certificate (contract PROTO-31).
inline constexpr std::size_t kHandshakeMessageBytesMax = 0x8000;
/// A Certificate message: chains with large RSA keys and staples exceed the limit above.
inline constexpr std::size_t kCertificateMessageBytesMax = 0x20000;
/// Certificates in one Certificate message.
inline constexpr std::size_t kCertificateCountMax = 16;
/// Extensions in one block: more than the registry has entries in use.
inline constexpr std::size_t kExtensionCountMax = 64;

/// Warning alerts received in a row without other content.
inline constexpr unsigned kWarningAlertCountMax = 4;
/// Records in a row that carry nothing.
inline constexpr unsigned kEmptyRecordCountMax = 32;
/// KeyUpdates received in a row without application data between them.
inline constexpr unsigned kKeyUpdateCountMax = 32;
/// TLS 1.2 renegotiations that the peer starts on one connection, and HelloRequests while one is on
/// its way.
inline constexpr unsigned kRenegotiationCountMax = 16;
/// TLS 1.3 certificate requests that a server makes after the handshake of one connection.
inline constexpr unsigned kAuthenticationCountMax = 16;
/// TLS 1.2 renegotiations refused on one connection before it is closed.
inline constexpr unsigned kRenegotiationRefusedCountMax = 8;

/// Early data of a client whose 0-RTT we refuse, dropped unread (RFC 8446 section 4.2.10).
inline constexpr std::size_t kEarlyDataSkippedBytesMax = 0x8000;

/// Tickets of one ClientHello that are looked at (RFC 8446 section 4.2.11); the rest is passed
/// over.
inline constexpr std::size_t kTicketCountTriedMax = 4;
/// A ticket of ours; a session that needs more gets none. The bulk is a client's chain.
inline constexpr std::size_t kTicketBytesMax = 0x4000;
/// Sessions from the peer that wait for whoever keeps them; the oldest makes room.
inline constexpr std::size_t kNewSessionCountMax = 4;
/// A ticket is never used for longer (RFC 8446 section 4.6.1).
inline constexpr std::uint32_t kSessionLifetimeSecondsMax = 7 * 24 * 3600;
/// A session of TLS 1.2 keeps its master secret for no longer (RFC 5246 appendix F.1.4).
inline constexpr std::uint32_t kSession12LifetimeSecondsMax = 24 * 3600;
/// The longest there is (RFC 5246 section 7.4.1.2), and what ours have.
inline constexpr std::size_t kSessionIdBytes = 32;
/// A server credential's sessions under ids (contract CACHE-4), and the memory they may take, which
/// counts only when clients show large chains; the oldest make room.
inline constexpr std::size_t kServerSessionCountMax = 20000;
inline constexpr std::size_t kServerSessionBytesMax = 0x4000000;
/// By so much a session may seem to come from the future.
inline constexpr std::int64_t kClockSkewMillisecondsMax = 60 * 1000;

/// Names of authorities that a server sends, with their lengths (contract AUTH-22).
inline constexpr std::size_t kAuthorityNamesBytesMax = 0x4000;

/// Certificates in a chain: the peer's, eight above it, and the root. The Web PKI needs four.
inline constexpr std::size_t kChainCertificateCountMax = 10;
/// Paths from a certificate to a root that are judged before the best of them has to do. A peer
/// that presents authorities which certify each other could otherwise name any number.
inline constexpr unsigned kChainPathCountMax = 16;
/// Issuers looked at, and signatures checked to tell namesakes apart, in one search for paths.
inline constexpr unsigned kChainStepCountMax = 256;
inline constexpr unsigned kChainNamesakeCheckCountMax = 64;

/// Addresses for revocation that one certificate may name, and that one chain may make us ask.
inline constexpr unsigned kRevocationUrlCountPerCertificateMax = 4;
inline constexpr unsigned kRevocationFetchCountMax = 12;
inline constexpr std::size_t kRevocationUrlBytesMax = 2048;
inline constexpr long kRevocationRedirectCountMax = 3;
/// Answers of responders, stapled ones included, and revocation lists.
inline constexpr std::size_t kOcspResponseBytesMax = 0x10000;
inline constexpr std::size_t kCrlBytesMax = 0x1000000;
/// What the cache on disk may hold, and in how many files.
inline constexpr std::uint64_t kRevocationCacheBytesMax = 0x4000000;
inline constexpr std::size_t kRevocationCacheFileCountMax = 1024;

/// AES-GCM in TLS 1.3: about 2^24.5 full-size records per key (RFC 8446 section 5.5).
inline constexpr std::uint64_t kAesGcmRecordCountMax = 23726566;
/// So many records before that limit our own KeyUpdate is due, if there is room for it.
inline constexpr std::uint64_t kKeyUpdateMarginRecordCount = 65536;
/// The last records under a key are kept for the KeyUpdate itself and for alerts.
inline constexpr std::uint64_t kControlRecordCount = 16;

}  // namespace schannel
