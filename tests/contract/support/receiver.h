#pragma once
#include <algorithm>
#include <utility>

#include "support/call.h"

// What arrives on an established context, taken as the callers of Windows take it.
namespace contract {

/// What a caller passes to the loop function when DecryptMessage says SEC_I_RENEGOTIATE.
enum class Caller {
  extra,    ///< what EXTRA says (curl, schannel-rs, mariadb, wintls, StreamSSL, .NET)
  buffer,   ///< the whole buffer (aws-c-io)
  nothing,  ///< no bytes, and the record comes back to DecryptMessage (SDK sample, vschannel)
  dropped,  ///< no bytes, and the record is dropped
};

class Receiver {
 public:
  explicit Receiver(Side& receiving, Caller caller = Caller::extra)
      : side(receiving), caller_(caller) {}

  /// Takes `bytes`, `piece` at a time (0: all at once); what is to be sent goes to `answers`.
  void give(const Bytes& bytes, Bytes& answers, std::size_t piece = 0) {
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = piece == 0 ? bytes.size() : std::min(piece, bytes.size() - at);
      append(arrived_, slice(bytes, at, at + size));
      at += size;
      while (!arrived_.empty() && step(answers)) {
      }
    }
  }

  Side& side;
  std::string text;
  std::vector<SECURITY_STATUS> statuses;  ///< Of DecryptMessage but SEC_E_OK.
  std::vector<SECURITY_STATUS> loop;      ///< Of ISC or ASC.
  bool in_loop = false;

 private:
  bool step(Bytes& answers) {
    if (in_loop) return call(std::exchange(arrived_, {}), answers);
    const Bytes before = arrived_;
    SecBuffer message[] = {{static_cast<ULONG>(arrived_.size()), SECBUFFER_DATA, arrived_.data()},
                           {0, SECBUFFER_EMPTY, nullptr},
                           {0, SECBUFFER_EMPTY, nullptr},
                           {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, message};
    const SECURITY_STATUS status = DecryptMessage(&side.context, &desc, 0, nullptr);
    if (status == SEC_E_INCOMPLETE_MESSAGE) return false;
    if (status != SEC_E_OK) statuses.push_back(status);
    if (status < 0) {
      ADD_FAILURE() << OpenSchannelStatusText(status) << OpenSchannelErrorDetail();
      return false;
    }
    const ULONG extra = message[3].BufferType == SECBUFFER_EXTRA ? message[3].cbBuffer : 0;
    if (status != SEC_I_RENEGOTIATE) {
      text.append(static_cast<const char*>(message[1].pvBuffer), message[1].cbBuffer);
      arrived_ = slice(arrived_, arrived_.size() - extra, arrived_.size());
      return true;
    }
    //
    EXPECT_EQ(arrived_, before);
    EXPECT_EQ(extra, arrived_.size());
    EXPECT_NE(message[1].pvBuffer, nullptr);
    if (caller_ == Caller::extra || caller_ == Caller::buffer) {
      return call(std::exchange(arrived_, {}), answers);
    }
    if (!call({}, answers)) return false;
    const std::size_t record = 5U + (std::size_t{arrived_[3]} << 8) + arrived_[4];
    if (caller_ == Caller::dropped || in_loop) arrived_ = slice(arrived_, record, arrived_.size());
    return true;
  }

  bool call(const Bytes& token, Bytes& answers) {
    const Leg leg = side.call(token);
    if (leg.status == SEC_E_INCOMPLETE_MESSAGE) {
      arrived_ = token;
      return false;
    }
    loop.push_back(leg.status);
    append(answers, leg.token);
    in_loop = leg.status == SEC_I_CONTINUE_NEEDED;
    if (leg.extra() != 0) arrived_ = slice(token, token.size() - leg.extra(), token.size());
    EXPECT_GE(leg.status, 0) << OpenSchannelStatusText(leg.status) << OpenSchannelErrorDetail();
    return leg.status >= 0;
  }

  Caller caller_;
  Bytes arrived_;
};

}  // namespace contract
