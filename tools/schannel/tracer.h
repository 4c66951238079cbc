#pragma once
#include <openschannel/sspi.h>

#include <cstdio>
#include <string>
#include <string_view>

/// One SSPI call, as the trace shows it.
struct TracedCall {
  std::string_view side;
  std::string_view call;
  SECURITY_STATUS status = SEC_E_OK;
  std::size_t in = 0;                        ///< Bytes handed to the call
  std::size_t out = 0;                       ///< Bytes it gave
  const SecBufferDesc* returned = nullptr;   ///< Its buffers, as the call left them
  const SecBufferDesc* input_too = nullptr;  ///< Loop calls: where EXTRA and MISSING come back
};

/// Prints one table row for each SSPI call, within 100 columns. Safe from several threads.
class Tracer {
 public:
  /// `out` null: silent.
  explicit Tracer(std::FILE* out) : out_(out) {}

  void header() const;
  void row(const TracedCall& call) const;

 private:
  std::FILE* out_;
};

/// True when `file` is a terminal and NO_COLOR is not set.
bool wants_colour(std::FILE* file);
