#pragma once
#include <openschannel/sspi.h>

#include <cstdio>
#include <string>

/// Prints one table row for each SSPI call: who, what, bytes in and out, status, buffers returned.
/// Safe from several threads.
class Tracer {
 public:
  /// `out` null: silent.
  explicit Tracer(std::FILE* out) : out_(out) {}
  explicit operator bool() const { return out_ != nullptr; }

  void header() const;
  void row(const std::string& side, const std::string& call, std::size_t in, std::size_t out,
           SECURITY_STATUS status, const SecBufferDesc* buffers) const;

 private:
  std::FILE* out_;
};

/// "EXTRA 74" and so on for what a call left in its buffers.
std::string buffers_text(const SecBufferDesc* buffers);

/// True when `file` is a terminal and NO_COLOR is not set.
bool wants_colour(std::FILE* file);
