#pragma once
#include <map>

#include "tls/session.h"
#include "unit/tls/pair.h"

namespace schannel::tls::test {

/// A store that seals nothing: a ticket is a number, and the session stays here.
class SessionMemory : public SessionStore {
 public:
  std::uint32_t lifetime_seconds() const override { return 3600; }
  Buffer seal(const Session& session) override {
    const Buffer name = next_name();
    encoded_[name] = encode_session(session);
    return name;
  }
  std::shared_ptr<const Session> open(Bytes ticket) override { return look_up(ticket, {}); }
  std::shared_ptr<const Session> find(Bytes id) override { return look_up(id, id); }
  /// What a server's connection has left to be kept by its id.
  void keep(std::vector<Session> sessions) {
    for (const Session& session : sessions) encoded_[session.id] = encode_session(session);
  }
  void forget() { encoded_.clear(); }
  std::size_t size() const { return encoded_.size(); }

 private:
  /// `id`: what the session is called; a ticket does not hold it.
  std::shared_ptr<const Session> look_up(Bytes name, Bytes id) const {
    const auto found = encoded_.find(to_buffer(name));
    if (found == encoded_.end()) return nullptr;
    Result<Session> session = decode_session(found->second);
    if (!session) return nullptr;
    session->id = to_buffer(id);
    return std::make_shared<const Session>(*std::move(session));
  }
  Buffer next_name() {
    ++last_;
    Buffer name(32, 0x5a);
    name.back() = last_;
    return name;
  }
  std::map<Buffer, Buffer> encoded_;
  std::uint8_t last_ = 0;
};

}  // namespace schannel::tls::test
