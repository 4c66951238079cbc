#include "conversation.h"

#include <algorithm>
#include <stdexcept>

namespace differential {
namespace {

class Disagreement : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

void require(bool good, const std::string& what) {
  if (!good) throw Disagreement(what);
}

std::unique_ptr<Party> make_party(Library library, Role role, const Configuration& c,
                                  const Identities& identities) {
  switch (library) {
    case Library::ours:
      return make_ours(role, c, identities);
    case Library::libssl:
      return make_libssl(role, c, identities);
    case Library::gnutls:
      return make_gnutls(role, c, identities);
  }
  return nullptr;
}

template <class T>
bool has(const std::vector<T>& values, const std::string& name, const char* (*name_of)(T)) {
  return std::any_of(values.begin(), values.end(), [&](T value) { return name == name_of(value); });
}

class Connection {
 public:
  Connection(const Configuration& c, const Expectation& expectation, Party& client, Party& server,
             Random& random)
      : configuration_(c),
        expectation_(expectation),
        random_(random),
        client_(client.connect()),
        server_(server.connect()) {}

  /// True when both ends say that it has succeeded.
  bool shake_hands() {
    client_->start();
    pump();
    const bool succeeded = is_good(*client_) && is_good(*server_);
    if (!succeeded) {
      require(!client_->failure().empty() || !server_->failure().empty(),
              "neither is established, and neither says why");
      // A server's verdict over a client comes after a TLS 1.3 client is established.
      require(!client_->failure().empty() || client_->is_established() || expectation_.version == 0,
              "the client waits for ever; server: " + server_->failure());
    }
    return succeeded;
  }

  std::string failures() const {
    return "client: " + (client_->failure().empty() ? "no failure" : client_->failure()) +
           "; server: " + (server_->failure().empty() ? "no failure" : server_->failure());
  }

  bool compare(const Identities& identities) {
    const Agreement a = client_->agreement(), b = server_->agreement();
    const auto same = [](const std::string& x, const std::string& y, const std::string& what) {
      require(x == y || x.empty() || y.empty(), what + " differs: client " + x + ", server " + y);
    };
    require(a.version == b.version && a.version == expectation_.version,
            "version: client " + std::to_string(a.version) + ", server " +
                std::to_string(b.version) + ", expected " + std::to_string(expectation_.version));
    same(a.cipher, b.cipher, "the cipher");
    require(has<Cipher>(expectation_.ciphers, a.cipher, name_of), "a cipher of one side alone");
    require(a.resumed == b.resumed, "only one side has resumed");
    if (!a.resumed) {
      same(a.group, b.group, "the group");
      require(a.group.empty() || has<Group>(expectation_.groups, a.group, name_of),
              "a group of one side alone: " + a.group);
    }
    require(a.protocol == b.protocol,
            "application protocol: client '" + a.protocol + "', server '" + b.protocol + "'");
    const auto& protocols = expectation_.protocols;
    require(protocols.empty()
                ? a.protocol.empty()
                : std::find(protocols.begin(), protocols.end(), a.protocol) != protocols.end(),
            "an application protocol of one side alone: '" + a.protocol + "'");
    require(a.peer_der == identities.server(configuration_.certificate).leaf_der,
            "another certificate of the server");
    require(b.peer_der == (expectation_.client_is_known
                               ? identities.client(*configuration_.client_certificate).leaf_der
                               : std::string()),
            "another certificate of the client");
    require(a.exported.size() == kExportedBytes && a.exported == b.exported, "exported keys");
    require(
        a.exported_with_context == b.exported_with_context && a.exported_with_context != a.exported,
        "exported keys with a context");
    require(a.binding_unique == b.binding_unique, "tls-unique");
    require(a.binding_exporter == b.binding_exporter, "tls-exporter");
    require(a.binding_end_point == b.binding_end_point || a.binding_end_point.empty() ||
                b.binding_end_point.empty(),
            "tls-server-end-point");
    return a.resumed;
  }

  void step(const Step& step) {
    Side& from = step.by_client ? *client_ : *server_;
    Side& to = step.by_client ? *server_ : *client_;
    switch (step.kind) {
      case Step::Kind::data:
        return exchange(from, to, step.bytes);
      case Step::Kind::both: {
        const std::string one = text(step.bytes), other = text(step.bytes / 2 + 1);
        from.send(one);
        to.send(other);
        pump();
        require_good();
        require_data(to.take_data(), one);
        require_data(from.take_data(), other);
        bytes_ += one.size() + other.size();
        return;
      }
      case Step::Kind::key_update:
        if (expectation_.version != 0x0304) return;
        from.update_key(step.asks_back);
        pump();
        require_good();
        exchange(from, to, 100);
        return exchange(to, from, 100);
    }
  }

  void exchange(Side& from, Side& to, std::size_t size) {
    const std::string sent = text(size);
    from.send(sent);
    pump();
    require_good();
    require_data(to.take_data(), sent);
    bytes_ += sent.size();
  }

  void close() {
    Side& from = configuration_.closed_by_client ? *client_ : *server_;
    Side& to = configuration_.closed_by_client ? *server_ : *client_;
    from.close();
    pump();
    require(to.is_closed() && to.failure().empty(), "close_notify was not understood");
  }

  Side& client() { return *client_; }
  Side& server() { return *server_; }
  std::size_t bytes() const { return bytes_; }

 private:
  static bool is_good(const Side& side) { return side.is_established() && side.failure().empty(); }
  static void require_data(const std::string& got, const std::string& sent) {
    require(got == sent,
            std::to_string(got.size()) + " bytes have come of " + std::to_string(sent.size()) +
                (sent.compare(0, got.size(), got) == 0 ? ", the beginning" : ", others"));
  }
  void require_good() const {
    require(is_good(*client_) && is_good(*server_), "it broke: " + failures());
  }
  void deliver(Side& from, Side& to) {
    const std::string bytes = from.take_output();
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t most = configuration_.piece_bytes == 0
                                   ? bytes.size()
                                   : 1 + below(random_, configuration_.piece_bytes);
      const std::size_t size = std::min(most, bytes.size() - at);
      to.take(bytes.substr(at, size));
      at += size;
    }
    moved_ = moved_ || !bytes.empty();
  }
  void pump() {
    for (int rounds = 0; rounds < 40; ++rounds) {
      moved_ = false;
      deliver(*client_, *server_);
      deliver(*server_, *client_);
      if (!moved_) return;
    }
    throw Disagreement("the two sides talk without end");
  }
  std::string text(std::size_t size) {
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random_());
    return out;
  }

  const Configuration& configuration_;
  const Expectation& expectation_;
  Random& random_;
  std::unique_ptr<Side> client_, server_;
  std::size_t bytes_ = 0;
  bool moved_ = false;
};

}  // namespace

const char* name_of(Library library) {
  constexpr const char* kNames[] = {"ours", "libssl", "gnutls"};
  return kNames[static_cast<int>(library)];
}

Outcome converse(const Configuration& c, const Identities& identities, Library client_library,
                 Library server_library) {
  // AUTH-21: our server leaves it to the application whether to trust a client's certificate.
  Configuration as_judged = c;
  if (server_library == Library::ours) as_judged.server_trusts = true;
  const Expectation expectation = expect(as_judged);
  Outcome out;
  std::seed_seq sequence{c.seed, c.number};
  Random random(sequence);
  try {
    const auto client = make_party(client_library, Role::client, c, identities);
    const auto server = make_party(server_library, Role::server, c, identities);
    for (unsigned i = 0; i < c.connections; ++i) {
      Connection connection(c, expectation, *client, *server, random);
      const bool succeeded = connection.shake_hands();
      ++out.handshakes;
      if (i == 0) out.succeeded = succeeded;
      if (expectation.outcome == Expectation::Outcome::success) {
        require(succeeded, "it should succeed. " + connection.failures());
      } else if (expectation.outcome == Expectation::Outcome::failure) {
        require(!succeeded, "it should fail: " + expectation.reason);
      }
      if (!succeeded) break;
      const bool resumed = connection.compare(identities);
      if (resumed) ++out.resumed;
      require(!resumed || (i != 0 && c.client.sessions && c.server.sessions),
              "a session of nowhere");
      // One exchange at least: the tickets of TLS 1.3 come with it.
      connection.exchange(connection.client(), connection.server(), 10);
      for (const Step& step : c.steps) connection.step(step);
      client->keep_session(connection.client());
      connection.close();
      out.bytes += connection.bytes();
      if (i == 0) continue;
      // By design, ours asks an anonymous client again instead of resuming its session.
      const bool asks_again = server_library == Library::ours && !c.client_certificate &&
                              c.client_authentication != ClientAuthentication::none;
      require(resumed == (c.client.sessions && c.server.sessions && !asks_again),
              resumed ? "resumed in spite of everything" : "the session was not resumed");
    }
  } catch (const std::exception& problem) {
    out.disagreement = problem.what();
  }
  return out;
}

}  // namespace differential
