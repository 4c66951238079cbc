#include "report.h"

#include <fmt/format.h>
#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/wincrypt.h>

#include <cstdint>
#include <ctime>
#include <nlohmann/json.hpp>

#include "failure.h"

namespace {

std::string narrow(const WCHAR* text) {
  std::string out;
  for (; *text != 0; ++text) out += *text < 128 ? static_cast<char>(*text) : '?';
  return out;
}

std::string group_name(DWORD id) {
  switch (id) {
    case 0x17:
      return "secp256r1";
    case 0x18:
      return "secp384r1";
    case 0x19:
      return "secp521r1";
    case 0x1d:
      return "x25519";
    default:
      return fmt::format("0x{:04x}", id);
  }
}

std::string name_text(PCCERT_CONTEXT certificate, bool issuer) {
  CERT_NAME_BLOB* name =
      issuer ? &certificate->pCertInfo->Issuer : &certificate->pCertInfo->Subject;
  char text[512] = "";
  CertNameToStrA(X509_ASN_ENCODING, name, CERT_X500_NAME_STR, text, sizeof text);
  return text;
}

/// FILETIME counts 100 ns from 1601.
std::string time_text(const FILETIME& time) {
  constexpr std::int64_t kUnixEpochSeconds = 11'644'473'600;
  const auto ticks = (std::uint64_t{time.dwHighDateTime} << 32) | std::uint64_t{time.dwLowDateTime};
  const auto seconds =
      static_cast<std::time_t>(static_cast<std::int64_t>(ticks / 10'000'000) - kUnixEpochSeconds);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32] = "";
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string sha256_text(PCCERT_CONTEXT certificate) {
  BYTE hash[32];
  DWORD size = sizeof hash;
  if (!CertGetCertificateContextProperty(certificate, CERT_SHA256_HASH_PROP_ID, hash, &size)) {
    return {};
  }
  std::string text;
  for (DWORD i = 0; i < size; ++i) text += fmt::format("{:02x}", hash[i]);
  return text;
}

}  // namespace

CertificateReport certificate_report(PCCERT_CONTEXT certificate) {
  return {name_text(certificate, /*issuer=*/false), name_text(certificate, /*issuer=*/true),
          time_text(certificate->pCertInfo->NotBefore), time_text(certificate->pCertInfo->NotAfter),
          sha256_text(certificate)};
}

Report report_of(PCtxtHandle context) {
  Report out;
  SecPkgContext_CipherInfo cipher{};
  cipher.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
  if (const SECURITY_STATUS status =
          QueryContextAttributesW(context, SECPKG_ATTR_CIPHER_INFO, &cipher);
      status != SEC_E_OK) {
    throw Failure("QueryContextAttributes(CIPHER_INFO)", status);
  }
  out.protocol = fmt::format("TLS 1.{}", (cipher.dwProtocol & 0xff) - 1);
  out.cipher_suite = narrow(cipher.szCipherSuite);
  out.cipher_bits = cipher.dwCipherLen;
  out.group = group_name(cipher.dwKeyType);
  SecPkgContext_ApplicationProtocol alpn{};
  if (QueryContextAttributesA(context, SECPKG_ATTR_APPLICATION_PROTOCOL, &alpn) == SEC_E_OK &&
      alpn.ProtoNegoStatus == SecApplicationProtocolNegotiationStatus_Success) {
    out.alpn.assign(reinterpret_cast<const char*>(alpn.ProtocolId), alpn.ProtocolIdSize);
  }
  PCCERT_CONTEXT peer = nullptr;
  if (QueryContextAttributesA(context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer) == SEC_E_OK) {
    const CertificateReport report = certificate_report(peer);
    out.peer_subject = report.subject;
    out.peer_issuer = report.issuer;
    out.peer_not_before = report.not_before;
    out.peer_not_after = report.not_after;
    out.peer_sha256 = report.sha256;
    for (PCCERT_CONTEXT c = nullptr;
         (c = CertEnumCertificatesInStore(peer->hCertStore, c)) != nullptr;) {
      ++out.peer_chain_length;
    }
    CertFreeCertificateContext(peer);
  }
  return out;
}

std::string to_line(const Report& report) {
  std::string line = fmt::format("{}, {}, {}", report.protocol, report.cipher_suite, report.group);
  if (!report.alpn.empty()) line += ", ALPN " + report.alpn;
  if (!report.peer_subject.empty()) line += ", peer " + report.peer_subject;
  return line;
}

nlohmann::ordered_json to_json(const Report& report) {
  nlohmann::ordered_json json = {{"protocol", report.protocol},
                                 {"cipher_suite", report.cipher_suite},
                                 {"cipher_bits", report.cipher_bits},
                                 {"group", report.group},
                                 {"alpn", nullptr},
                                 {"peer", nullptr}};
  if (!report.alpn.empty()) json["alpn"] = report.alpn;
  if (report.peer_chain_length != 0) {
    json["peer"] = {
        {"subject", report.peer_subject},       {"issuer", report.peer_issuer},
        {"not_before", report.peer_not_before}, {"not_after", report.peer_not_after},
        {"sha256", report.peer_sha256},         {"chain_length", report.peer_chain_length}};
  }
  return json;
}

AccountReport account_of(PCtxtHandle context) {
  AccountReport out;
  void* token = nullptr;
  OPENSCHANNEL_ACCOUNT* account = nullptr;
  SECURITY_STATUS status = QuerySecurityContextToken(context, &token);
  if (status == SEC_E_OK) status = OpenSchannelQueryTokenAccount(token, &account);
  if (status == SEC_E_OK) {
    out.name = account->pszName;
    out.uid = account->dwUserId;
    out.gid = account->dwGroupId;
    out.groups.assign(account->pdwGroupIds, account->pdwGroupIds + account->cGroupIds);
    FreeContextBuffer(account);
  } else {
    out.why = OpenSchannelErrorDetail();
  }
  if (token != nullptr) CloseHandle(token);
  return out;
}

std::string to_line(const AccountReport& account) {
  if (account.name.empty()) return "no account: " + account.why;
  return fmt::format("account {} (uid {}, gid {})", account.name, account.uid, account.gid);
}

nlohmann::ordered_json to_json(const AccountReport& account) {
  if (account.name.empty()) return nullptr;
  return {{"name", account.name},
          {"uid", account.uid},
          {"gid", account.gid},
          {"groups", account.groups}};
}
