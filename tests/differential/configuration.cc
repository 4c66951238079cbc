#include "configuration.h"

#include <algorithm>

namespace differential {
namespace {

template <class T>
std::vector<T> both_have(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> out;
  std::copy_if(a.begin(), a.end(), std::back_inserter(out),
               [&](const T& value) { return std::find(b.begin(), b.end(), value) != b.end(); });
  return out;
}

/// A subset that is not empty, in any order. Most often all of it.
template <class T>
std::vector<T> some_of(Random& random, std::vector<T> all) {
  // Not std::shuffle: what it does with the numbers differs from library to library.
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[below(random, i)]);
  if (!one_in(random, 3)) all.resize(1 + below(random, all.size()));
  return all;
}

Offer make_offer(Random& random) {
  Offer out;
  switch (below(random, 4)) {
    case 0:
      out.tls13 = false;
      break;
    case 1:
      out.tls12 = false;
      break;
    default:
      break;
  }
  out.ciphers = some_of<Cipher>(random, {Cipher::aes256, Cipher::aes128, Cipher::chacha20});
  out.groups = some_of<Group>(random, {Group::x25519, Group::p256, Group::p384, Group::p521});
  if (one_in(random, 2)) {
    out.protocols = some_of<std::string>(random, {"h2", "http/1.1", "imap", "x-differential"});
  }
  out.sessions = !one_in(random, 4);
  return out;
}

Certificate make_certificate(Random& random) {
  Certificate out;
  out.key = static_cast<KeyKind>(below(random, 6));
  out.has_intermediate = one_in(random, 2);
  return out;
}

Step make_step(Random& random) {
  Step out;
  out.kind = static_cast<Step::Kind>(below(random, 3));
  out.by_client = one_in(random, 2);
  out.asks_back = one_in(random, 2);
  const std::size_t bounds[] = {2, 200, 17'000, 70'000};
  out.bytes = 1 + below(random, bounds[below(random, 4)]);
  return out;
}

std::optional<Group> curve_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::p256:
      return Group::p256;
    case KeyKind::p384:
      return Group::p384;
    case KeyKind::p521:
      return Group::p521;
    default:
      return std::nullopt;
  }
}

template <class T>
std::string list(const std::vector<T>& values) {
  std::string out;
  for (const T& value : values) {
    if (!out.empty()) out += ",";
    out += name_of(value);
  }
  return out;
}

std::string describe(const Offer& offer) {
  std::string out = std::string(offer.tls12 ? "1.2 " : "") + (offer.tls13 ? "1.3 " : "");
  out += "ciphers " + list(offer.ciphers) + " groups " + list(offer.groups);
  if (!offer.protocols.empty()) {
    out += " alpn";
    for (const std::string& protocol : offer.protocols) out += " " + protocol;
  }
  return out + (offer.sessions ? " sessions" : " no sessions");
}

std::string describe(const Certificate& certificate) {
  return std::string(name_of(certificate.key)) +
         (certificate.has_intermediate ? " with an intermediate" : "");
}

}  // namespace

const char* name_of(Cipher cipher) {
  constexpr const char* kNames[] = {"aes256", "aes128", "chacha20"};
  return kNames[static_cast<int>(cipher)];
}

const char* name_of(Group group) {
  constexpr const char* kNames[] = {"x25519", "p256", "p384", "p521"};
  return kNames[static_cast<int>(group)];
}

const char* name_of(KeyKind kind) {
  constexpr const char* kNames[] = {"rsa", "rsa_pss", "p256", "p384", "p521", "ed25519"};
  return kNames[static_cast<int>(kind)];
}

Configuration make_configuration(std::uint64_t seed, std::uint64_t number) {
  std::seed_seq sequence{seed, seed >> 32, number, number >> 32};
  Random random(sequence);
  Configuration out;
  out.seed = seed;
  out.number = number;
  out.client = make_offer(random);
  out.server = make_offer(random);
  if (one_in(random, 4)) out.server.protocols = out.client.protocols;
  out.certificate = make_certificate(random);
  out.client_authentication = static_cast<ClientAuthentication>(below(random, 3));
  if (!one_in(random, 3)) out.client_certificate = make_certificate(random);
  out.client_trusts = !one_in(random, 16);
  out.server_trusts = !one_in(random, 16);
  out.name_fits = !one_in(random, 16);
  out.closed_by_client = one_in(random, 2);
  if (one_in(random, 3)) out.piece_bytes = 1 + below(random, one_in(random, 2) ? 8 : 600);
  if (one_in(random, 3)) out.fragment_bytes = 512 + below(random, 4000);
  out.connections = one_in(random, 2) ? 1 : 2;
  for (std::size_t count = below(random, 6); count > 0; --count) {
    out.steps.push_back(make_step(random));
  }
  return out;
}

std::string describe(const Configuration& c) {
  std::string out = "client " + describe(c.client) + "\nserver " + describe(c.server);
  out += "\nserver's certificate " + describe(c.certificate);
  if (c.client_authentication != ClientAuthentication::none) {
    out += c.client_authentication == ClientAuthentication::required ? ", client's required"
                                                                     : ", client's requested";
  }
  out += c.client_certificate ? ", client has " + describe(*c.client_certificate) : "";
  if (!c.client_trusts) out += ", client does not trust";
  if (!c.server_trusts) out += ", server does not trust";
  if (!c.name_fits) out += ", wrong name";
  out += "\npieces of " + std::to_string(c.piece_bytes) + ", fragments of " +
         std::to_string(c.fragment_bytes) + ", connections " + std::to_string(c.connections);
  for (const Step& step : c.steps) {
    const char* kind = step.kind == Step::Kind::data   ? " data "
                       : step.kind == Step::Kind::both ? " both "
                                                       : " key update ";
    out += std::string(kind) + (step.by_client ? "from client " : "from server ") +
           (step.kind == Step::Kind::key_update ? (step.asks_back ? "asking back" : "")
                                                : std::to_string(step.bytes));
  }
  return out;
}

Expectation expect(const Configuration& c) {
  Expectation out;
  const auto fail = [&](const char* reason) {
    out.outcome = Expectation::Outcome::failure;
    out.reason = reason;
    return out;
  };
  if (c.client.tls13 && c.server.tls13) {
    out.version = 0x0304;
  } else if (c.client.tls12 && c.server.tls12) {
    out.version = 0x0303;
  } else {
    return fail("no common version");
  }
  out.ciphers = both_have(c.client.ciphers, c.server.ciphers);
  if (out.ciphers.empty()) return fail("no common cipher");
  out.groups = both_have(c.client.groups, c.server.groups);
  if (out.groups.empty()) return fail("no common group");
  out.protocols = both_have(c.client.protocols, c.server.protocols);
  if (!c.client.protocols.empty() && !c.server.protocols.empty() && out.protocols.empty()) {
    return fail("no common application protocol");
  }
  if (!c.client_trusts) return fail("the client does not trust the server");
  if (!c.name_fits) return fail("the server has another name");
  const bool asked = c.client_authentication != ClientAuthentication::none;
  if (c.client_authentication == ClientAuthentication::required && !c.client_certificate) {
    return fail("the client has no certificate");
  }
  out.client_is_known = asked && c.client_certificate;
  if (out.client_is_known && !c.server_trusts) return fail("the server does not trust the client");

  if (out.version == 0x0303) {
    // RFC 8422 section 5.1.1 lets the client's groups speak of certificates as well; RFC 8446 took
    // that back, and not every implementation of TLS 1.2 minds.
    const auto minds = [&](const Certificate& shown, const std::vector<Group>& groups) {
      const auto curve = curve_of(shown.key);
      return curve && std::find(groups.begin(), groups.end(), *curve) == groups.end();
    };
    if (minds(c.certificate, c.client.groups) || minds(c.certificate, c.server.groups) ||
        (out.client_is_known && (minds(*c.client_certificate, c.server.groups) ||
                                 minds(*c.client_certificate, c.client.groups)))) {
      out.outcome = Expectation::Outcome::open;
      out.reason = "the curve of a certificate is not among the groups";
    }
  }
  return out;
}

}  // namespace differential
