#include "connection.h"

#include <algorithm>
#include <stdexcept>

namespace soak {
namespace {

constexpr ULONG kClientFlags = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT |
                               ISC_REQ_CONFIDENTIALITY | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM |
                               ISC_REQ_EXTENDED_ERROR;
constexpr ULONG kServerFlags = ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT |
                               ASC_REQ_CONFIDENTIALITY | ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM |
                               ASC_REQ_EXTENDED_ERROR;

/// What is determined before the first byte.
struct Plan {
  Injected injected = Injected::nothing;
  Credential* client = nullptr;
  Credential* server = nullptr;
  ULONG server_flags = kServerFlags;
  std::string target = "localhost";
  std::size_t piece = 0;         ///< Most bytes delivered at once; 0: as they come.
  std::size_t corrupted_at = 0;  ///< Which byte on the wire, counted over both directions.
  std::size_t dropped_at = 0;
};

bool can_talk(const Credential& a, const Credential& b) {
  return (a.can(Versions::tls12) && b.can(Versions::tls12)) ||
         (a.can(Versions::tls13) && b.can(Versions::tls13));
}

Plan make_plan(const Credentials& credentials, Random& random) {
  Plan plan;
  if (one_in(random, 8)) {
    constexpr auto kCount = static_cast<std::size_t>(Injected::count_);
    plan.injected = static_cast<Injected>(1 + below(random, kCount - 1));
  }
  do {
    const auto& clients = credentials.clients;
    const auto& servers = credentials.servers;
    const std::size_t client = below(random, clients.size());
    plan.client = clients[client].get();
    // Every client goes to one of the servers more often than to others, where it has sessions.
    const bool usual = one_in(random, 2) && plan.injected != Injected::no_common_version;
    plan.server = servers[usual ? client % servers.size() : below(random, servers.size())].get();
  } while (can_talk(*plan.client, *plan.server) == (plan.injected == Injected::no_common_version));
  if (plan.injected == Injected::untrusted_server) plan.client = credentials.distrustful.get();
  if (plan.injected == Injected::wrong_name) plan.target = "elsewhere.example";
  if (plan.injected != Injected::wrong_name && one_in(random, 8)) plan.target = "127.0.0.1";
  if (one_in(random, 3)) plan.server_flags |= ASC_REQ_MUTUAL_AUTH;
  if (!one_in(random, 3)) plan.server_flags |= ASC_REQ_SESSION_TICKET;
  if (one_in(random, 3)) plan.piece = 1 + below(random, 400);
  // Within the ClientHello, so that every handshake has as many bytes; behind the record's header,
  // whose version nobody checks.
  plan.corrupted_at = 5 + below(random, 120);
  plan.dropped_at = below(random, 1200);
  return plan;
}

class Unexpected : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Conversation {
 public:
  Conversation(const Plan& plan, Random& random, Tally& tally)
      : plan_(plan),
        random_(random),
        tally_(tally),
        client_(false, &plan.client->handle, kClientFlags, plan.target),
        server_(true, &plan.server->handle, plan.server_flags, {}) {}

  void run() {
    client_.start();
    pump();
    if (plan_.injected != Injected::nothing && plan_.injected != Injected::corrupted_record) {
      return expect_the_injected();
    }
    require_ready();
    compare_what_was_agreed();
    for (std::size_t steps = below(random_, 6); steps > 0; --steps) step();
    if (plan_.injected == Injected::corrupted_record) return corrupt_a_record();
    end();
  }

 private:
  void require(bool good, const std::string& what) const {
    if (good) return;
    std::string text = what;
    if (client_.has_failed()) text += "; client: " + client_.explanation();
    if (server_.has_failed()) text += "; server: " + server_.explanation();
    throw Unexpected(text);
  }

  void require_ready() const {
    require(client_.is_ready(), "the client is not ready");
    require(server_.is_ready(), "the server is not ready");
  }

  /// Bytes on their way: in pieces, and not all of them as they were sent.
  void deliver(Endpoint& from, Endpoint& to) {
    std::string bytes = from.take_output();
    if (plan_.injected == Injected::dropped_in_handshake) {
      const std::size_t left = plan_.dropped_at - std::min(plan_.dropped_at, on_wire_);
      if (bytes.size() > left) bytes.resize(left);
    }
    if (plan_.injected == Injected::corrupted_handshake && plan_.corrupted_at >= on_wire_ &&
        plan_.corrupted_at - on_wire_ < bytes.size()) {
      bytes[plan_.corrupted_at - on_wire_] ^= static_cast<char>(1U << below(random_, 8));
    }
    on_wire_ += bytes.size();
    for (std::size_t at = 0; at < bytes.size() && !to.has_failed();) {
      const std::size_t most = plan_.piece == 0 ? bytes.size() : 1 + below(random_, plan_.piece);
      const std::size_t size = std::min(most, bytes.size() - at);
      to.take(bytes.substr(at, size));
      at += size;
    }
  }

  /// Until nothing moves any more.
  void pump() {
    for (int rounds = 0; rounds < 40; ++rounds) {
      const std::size_t before = on_wire_;
      deliver(client_, server_);
      deliver(server_, client_);
      if (on_wire_ == before) return;
    }
    throw Unexpected("the two sides talk without end");
  }

  void expect_the_injected() {
    tally_.add(Tally::injected);
    if (plan_.injected == Injected::dropped_in_handshake) {
      // Whatever has come of it; nobody may have failed over what did arrive.
      require(!client_.has_failed() && !server_.has_failed(), "a failure without a cause");
      return;
    }
    require(!(client_.is_ready() && server_.is_ready()), "established in spite of everything");
    // A hello whose length has grown is waited for.
    const bool may_wait = plan_.injected == Injected::corrupted_handshake;
    require(may_wait || client_.has_failed() || server_.has_failed(), "nobody has noticed");
    if (plan_.injected == Injected::untrusted_server) {
      require(client_.failure() == SEC_E_UNTRUSTED_ROOT, "another failure than injected");
    } else if (plan_.injected == Injected::wrong_name) {
      require(client_.failure() == SEC_E_WRONG_PRINCIPAL, "another failure than injected");
    }
  }

  void corrupt_a_record() {
    tally_.add(Tally::injected);
    Endpoint& from = one_in(random_, 2) ? client_ : server_;
    Endpoint& to = &from == &client_ ? server_ : client_;
    from.send(text(1 + below(random_, 100)));
    std::string record = from.take_output();
    record[5 + below(random_, record.size() - 5)] ^= 1;
    to.take(record);
    require(to.failure() == SEC_E_MESSAGE_ALTERED, "a forged record was not noticed");
    require(to.take_data().empty(), "data of a forged record");
  }

  std::string text(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; i += 8) {
      const std::uint64_t value = random_();
      std::copy_n(reinterpret_cast<const char*>(&value), std::min<std::size_t>(8, size - i),
                  out.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return out;
  }

  void exchange(Endpoint& from, Endpoint& to) {
    const std::string sent = text(1 + below(random_, one_in(random_, 10) ? 60'000 : 500));
    from.send(sent);
    pump();
    require_ready();
    require(to.take_data() == sent, "other data than was sent");
    tally_.add(Tally::bytes, sent.size());
  }

  template <class T>
  T attribute(Endpoint& side, ULONG id) const {
    T out{};
    const SECURITY_STATUS status = QueryContextAttributesA(side.context(), id, &out);
    require(status == SEC_E_OK, "attribute " + std::to_string(id) + ": " + name_of(status));
    return out;
  }

  std::string exported(Endpoint& side) const {
    char label[] = "EXPERIMENTAL soak";
    SecPkgContext_KeyingMaterialInfo info{};
    info.cbLabel = sizeof label;
    info.pszLabel = label;
    info.cbKeyingMaterial = 32;
    const SECURITY_STATUS status =
        SetContextAttributesA(side.context(), SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, sizeof info);
    require(status == SEC_E_OK, "KEYING_MATERIAL_INFO");
    const auto material =
        attribute<SecPkgContext_KeyingMaterial>(side, SECPKG_ATTR_KEYING_MATERIAL);
    std::string out(reinterpret_cast<const char*>(material.pbKeyingMaterial),
                    material.cbKeyingMaterial);
    FreeContextBuffer(material.pbKeyingMaterial);
    return out;
  }

  void compare_what_was_agreed() {
    const auto ours = attribute<SecPkgContext_SessionInfo>(client_, SECPKG_ATTR_SESSION_INFO);
    const auto theirs = attribute<SecPkgContext_SessionInfo>(server_, SECPKG_ATTR_SESSION_INFO);
    require(ours.dwFlags == theirs.dwFlags, "only one side has resumed");
    require(exported(client_) == exported(server_), "the keys differ");
    const auto info = attribute<SecPkgContext_ConnectionInfo>(client_, SECPKG_ATTR_CONNECTION_INFO);
    is_tls13_ = info.dwProtocol == SP_PROT_TLS1_3_CLIENT;
    tally_.add(is_tls13_ ? Tally::tls13 : Tally::tls12);
    if ((ours.dwFlags & SSL_SESSION_RECONNECT) != 0) tally_.add(Tally::resumed);
    const bool has_certificate = (server_.attributes() & ASC_RET_MUTUAL_AUTH) != 0;
    require(!has_certificate || plan_.client->wish().certificate != nullptr,
            "a certificate that the client does not have");
    if (has_certificate) tally_.add(Tally::client_certificate);
  }

  void start(Endpoint& side) {
    side.start();
    pump();
    require_ready();
  }

  void step() {
    switch (below(random_, 6)) {
      case 0:
        return exchange(client_, server_);
      case 1:
        return exchange(server_, client_);
      case 2: {  // both at once, the one behind the other on the wire
        const std::string up = text(1 + below(random_, 300)), down = text(1 + below(random_, 300));
        client_.send(up);
        server_.send(down);
        pump();
        require_ready();
        require(server_.take_data() == up && client_.take_data() == down, "other data");
        return tally_.add(Tally::bytes, up.size() + down.size());
      }
      case 3:
        start(client_);  // a key update, or a renegotiation
        return tally_.add(is_tls13_ ? Tally::key_update : Tally::renegotiation);
      case 4:
        if (is_tls13_) {
          server_.set_flags(plan_.server_flags | ASC_REQ_MUTUAL_AUTH);
          start(server_);
          return tally_.add(Tally::late_certificate);
        }
        start(server_);
        return tally_.add(Tally::renegotiation);
      default: {
        std::string data = text(1 + below(random_, 200));
        SecPkgContext_SessionAppData value{0, static_cast<DWORD>(data.size()),
                                           reinterpret_cast<PBYTE>(data.data())};
        Endpoint& side = one_in(random_, 2) ? client_ : server_;
        const SECURITY_STATUS status =
            SetContextAttributesA(side.context(), SECPKG_ATTR_APP_DATA, &value, sizeof value);
        return require(status == SEC_E_OK, "APP_DATA");
      }
    }
  }

  void close(Endpoint& from, Endpoint& to) {
    from.shut_down();
    pump();
    require(to.is_closed() && !to.has_failed(), "close_notify was not understood");
  }

  void end() {
    if (one_in(random_, 16)) {
      client_.send_alert(TLS1_ALERT_INTERNAL_ERROR);
      pump();
      require(server_.has_failed() && !client_.has_failed(), "a fatal alert was not understood");
      return tally_.add(Tally::fatal_alert);
    }
    switch (below(random_, 4)) {
      case 0:
        close(client_, server_);
        return tally_.add(Tally::closed_by_client);
      case 1:
        close(server_, client_);
        return tally_.add(Tally::closed_by_server);
      case 2:
        close(client_, server_);
        server_.shut_down();
        pump();
        require(!client_.has_failed() && !server_.has_failed(), "the second close_notify");
        return tally_.add(Tally::closed_by_both);
      default:
        return tally_.add(Tally::not_closed);
    }
  }

  const Plan& plan_;
  Random& random_;
  Tally& tally_;
  Endpoint client_, server_;
  std::size_t on_wire_ = 0;
  bool is_tls13_ = false;
};

}  // namespace

const char* name_of(Injected injected) {
  static constexpr const char* kNames[] = {
      "nothing",           "an untrusted server", "a wrong name",        "no common version",
      "a corrupted hello", "a corrupted record",  "a dropped connection"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(Injected::count_));
  return kNames[static_cast<std::size_t>(injected)];
}

std::string run_connection(const Credentials& credentials, std::uint64_t seed, std::uint64_t number,
                           Tally& tally) {
  std::seed_seq sequence{seed, seed >> 32, number, number >> 32};
  Random random(sequence);
  const Plan plan = make_plan(credentials, random);
  try {
    Conversation(plan, random, tally).run();
    return {};
  } catch (const Unexpected& unexpected) {
    return "connection " + std::to_string(number) + " (injected: " + name_of(plan.injected) +
           "): " + unexpected.what();
  }
}

}  // namespace soak
