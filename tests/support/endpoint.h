#pragma once
#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <openschannel/wincrypt.h>

#include <string>
#include <utility>

// One end of a connection, driven through the public functions: a context, what has come for it,
// what it wants to send.
namespace sspi_test {

/// SECURITY_STATUS as it is printed.
std::string name_of(SECURITY_STATUS status);

class Endpoint {
 public:
  Endpoint(bool is_server, CredHandle* credential, ULONG flags, std::string target)
      : is_server_(is_server), credential_(credential), flags_(flags), target_(std::move(target)) {}
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  ~Endpoint();

  /// SEC_APPLICATION_PROTOCOLS for the first call.
  void set_protocols(std::string protocols) { protocols_ = std::move(protocols); }
  /// A client's first flight, and on an established connection what the loop functions start
  /// without input: a key update, a renegotiation, a request for a certificate.
  void start();
  /// `bytes` have come. Works on them as far as it can.
  void take(const std::string& bytes);
  void send(const std::string& data);
  /// SCHANNEL_SHUTDOWN, or a fatal alert.
  void shut_down();
  void send_alert(DWORD number);

  std::string take_output() { return std::exchange(output_, {}); }
  std::string take_data() { return std::exchange(data_, {}); }

  bool is_ready() const { return established_ && !in_handshake_ && !has_failed(); }
  bool is_established() const { return established_; }
  bool is_closed() const { return closed_; }
  bool has_failed() const { return failure_ != SEC_E_OK; }
  /// The first failure and what was called.
  SECURITY_STATUS failure() const { return failure_; }
  std::string explanation() const;

  CtxtHandle* context() { return &context_; }
  bool has_context() const { return has_context_; }
  ULONG attributes() const { return attributes_; }
  void set_flags(ULONG flags) { flags_ = flags; }

 private:
  SECURITY_STATUS call_loop(bool with_input);
  void run_loop(bool with_input);
  bool open_record();
  void apply(void* token, ULONG size);
  void fail(SECURITY_STATUS status, const char* where);

  const bool is_server_;
  CredHandle* const credential_;
  ULONG flags_;
  const std::string target_;
  std::string protocols_;
  CtxtHandle context_{};
  bool has_context_ = false;
  bool established_ = false;
  bool in_handshake_ = true;
  bool closed_ = false;
  ULONG attributes_ = 0;
  SECURITY_STATUS failure_ = SEC_E_OK;
  std::string where_;
  std::string input_, output_, data_;
};

}  // namespace sspi_test
