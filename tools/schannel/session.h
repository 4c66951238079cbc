#pragma once
#include <openschannel/schannel.h>
#include <openschannel/sspi.h>

#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "tracer.h"
#include "transport.h"

/// What one side of a connection asks for.
struct SessionOptions {
  bool is_server = false;
  std::string target{};             ///< Client: the name the certificate must be for.
  std::vector<std::string> alpn{};  ///< In order of preference; empty: none.
  ULONG extra_flags = 0;            ///< Added to the usual ISC_REQ_* or ASC_REQ_*.
  std::string side{};               ///< For the trace; also that of the credential.
};

/// One security context over one connected socket: the documented loops, nothing else. One thread
/// may send() while another receive()s.
class Session {
 public:
  Session(Transport& transport, CredHandle* credential, SessionOptions options,
          const Tracer& tracer);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs the loop to SEC_E_OK. Throws Failure, NetworkFailure.
  void handshake();

  /// Sends all of `data`, in as many records as it takes.
  void send(std::span<const char> data);

  /// The next message, valid until the next call; empty when the peer has closed properly, and when
  /// the transport's stop signal came between two messages. NetworkFailure when the connection ends
  /// without close_notify, which may mean that somebody cut off what the peer had to say.
  std::span<const char> receive();

  /// close_notify to the peer. Receiving may go on.
  void shutdown();
  /// A fatal alert to the peer, TLS1_ALERT_*: nothing may follow.
  void refuse(DWORD alert);

  /// Goes on with another tracer, which must outlive this session. Not while another thread works.
  void trace_with(const Tracer& tracer) { tracer_ = &tracer; }
  PCtxtHandle context() { return &context_; }

 private:
  enum class Leg { first, later };
  SECURITY_STATUS call_loop(Leg leg, SecBufferDesc* input, std::size_t in_size);
  /// Feeds what is in `input_` until the loop wants no more: the handshake, or the message after
  /// it, is complete.
  void run_loop(Leg leg);
  void read_more();
  /// Drops all of `input_` but its last `extra` bytes, which a call has not used.
  void keep_extra(std::size_t extra);
  bool has_shut_down();
  /// Has the loop function send what a control token asks for.
  template <class Token>
  void send_control(Token token);

  Transport& transport_;
  CredHandle* credential_;
  SessionOptions options_;
  const Tracer* tracer_;
  std::vector<char> alpn_buffer_;
  CtxtHandle context_{};
  bool has_context_ = false;
  SecPkgContext_StreamSizes sizes_{};

  // The reading side's.
  std::vector<char> input_;   ///< Encrypted bytes that are not used up; room behind them.
  std::size_t filled_ = 0;    ///< Bytes of input_ in use.
  std::size_t consumed_ = 0;  ///< Bytes at the front that the last message took.

  // The writing side's, under the mutex: records reach the socket in the order of their sealing.
  std::mutex writing_;
  std::condition_variable loop_called_;  ///< After every call of the loop.
  std::vector<char> output_;             ///< Header, data and trailer of one record.
  bool has_shut_down_ = false;
  bool reading_failed_ = false;
};
