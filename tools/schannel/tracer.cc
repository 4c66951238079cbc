#include "tracer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "failure.h"

namespace {

const char* type_name(ULONG type) {
  switch (type & ~SECBUFFER_ATTRMASK) {
    case SECBUFFER_DATA:
      return "DATA";
    case SECBUFFER_TOKEN:
      return "TOKEN";
    case SECBUFFER_MISSING:
      return "MISSING";
    case SECBUFFER_EXTRA:
      return "EXTRA";
    case SECBUFFER_STREAM_HEADER:
      return "HEADER";
    case SECBUFFER_STREAM_TRAILER:
      return "TRAILER";
    case SECBUFFER_ALERT:
      return "ALERT";
    default:
      return nullptr;
  }
}

/// What a call has left in its buffers: "HEADER 5, DATA 12, TRAILER 17".
void append_buffers(std::string& text, const SecBufferDesc* buffers, bool with_token) {
  for (ULONG i = 0; buffers != nullptr && i < buffers->cBuffers; ++i) {
    const SecBuffer& buffer = buffers->pBuffers[i];
    const char* name = type_name(buffer.BufferType);
    const bool is_token = (buffer.BufferType & ~SECBUFFER_ATTRMASK) == SECBUFFER_TOKEN;
    if (name == nullptr || buffer.cbBuffer == 0 || (is_token && !with_token)) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", name, buffer.cbBuffer);
  }
}

constexpr const char* kRow = "{:<6} {:<25} {:>5} {:>5}  {}{:<21}{} {}\n";

}  // namespace

bool wants_colour(std::FILE* file) {
  return isatty(fileno(file)) == 1 && std::getenv("NO_COLOR") == nullptr;
}

void Tracer::header() const {
  if (out_ == nullptr) return;
  fmt::print(out_, kRow, "side", "call", "in", "out", "", "status", "", "buffers returned");
  fmt::print(out_, "{:-<6} {:-<25} {:->5} {:->5}  {:-<21} {:-<30}\n", "", "", "", "", "", "");
}

void Tracer::row(const TracedCall& call) const {
  if (out_ == nullptr) return;
  const bool colour = wants_colour(out_);
  const bool bad = call.status < 0 && call.status != SEC_E_INCOMPLETE_MESSAGE;
  const char* on = !colour                   ? ""
                   : bad                     ? "\x1b[31m"
                   : call.status == SEC_E_OK ? "\x1b[32m"
                                             : "\x1b[33m";
  std::string buffers;
  append_buffers(buffers, call.returned, /*with_token=*/true);
  append_buffers(buffers, call.input_too, /*with_token=*/false);
  std::string row = fmt::format(kRow, call.side, call.call, call.in, call.out, on,
                                status_name(call.status), colour ? "\x1b[0m" : "", buffers);
  if (buffers.empty() && !colour) row = row.substr(0, row.find_last_not_of(" \n") + 1) + "\n";
  // One write is one line, whoever else prints.
  std::fwrite(row.data(), 1, row.size(), out_);
  std::fflush(out_);
}
