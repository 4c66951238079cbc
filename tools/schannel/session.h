#pragma once
#include <openschannel/schannel.h>
#include <openschannel/sspi.h>

#include <asio.hpp>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "tracer.h"

/// What one side of a connection asks for.
struct SessionOptions {
  bool is_server = false;
  std::string target{};             ///< Client: the name the certificate must be for.
  std::vector<std::string> alpn{};  ///< In order of preference; empty: none.
  ULONG extra_flags = 0;            ///< Added to the usual ISC_REQ_* or ASC_REQ_*.
  std::string side{};               ///< For the trace.
};

/// One security context over one connected socket: the documented loops, nothing else. One thread
/// may send() while another receive()s.
class Session {
 public:
  Session(asio::ip::tcp::socket& socket, CredHandle* credential, SessionOptions options,
          const Tracer& tracer);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs the loop to SEC_E_OK. Throws Failure, NetworkFailure.
  void handshake();

  /// Sends all of `data`, in as many records as it takes.
  void send(std::span<const char> data);

  /// The next message, valid until the next call; empty when the peer has closed properly.
  /// NetworkFailure when the connection ends without close_notify.
  std::span<const char> receive();

  /// close_notify to the peer. Receiving may go on.
  void shutdown();

  /// Goes on with another tracer, which must outlive this session. Not while another thread works.
  void trace_with(const Tracer& tracer) { tracer_ = &tracer; }
  PCtxtHandle context() { return &context_; }
  std::size_t bytes_received() const { return received_; }

 private:
  enum class Leg { first, later };
  SECURITY_STATUS call_loop(Leg leg, SecBufferDesc* input, std::size_t in_size);
  /// Feeds what is in `input_` until the loop wants no more. True when the handshake is complete.
  void run_loop(Leg leg);
  void read_more();
  void write_all(std::span<const char> bytes);

  asio::ip::tcp::socket& socket_;
  CredHandle* credential_;
  SessionOptions options_;
  const Tracer* tracer_;
  std::vector<char> alpn_buffer_;
  CtxtHandle context_{};
  bool has_context_ = false;
  bool has_shut_down_ = false;
  SecPkgContext_StreamSizes sizes_{};
  std::vector<char> input_;   ///< Encrypted bytes that are not used up; room behind them.
  std::size_t filled_ = 0;    ///< Bytes of input_ in use.
  std::size_t consumed_ = 0;  ///< Bytes at the front that the last message took.
  std::vector<char> output_;  ///< Header, data and trailer of one record.
  std::mutex writing_;        ///< Keeps sealed records in order on the socket.
  std::size_t received_ = 0;
};
