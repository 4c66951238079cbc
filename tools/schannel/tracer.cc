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

}  // namespace

bool wants_colour(std::FILE* file) {
  return isatty(fileno(file)) == 1 && std::getenv("NO_COLOR") == nullptr;
}

std::string buffers_text(const SecBufferDesc* buffers) {
  std::string text;
  for (ULONG i = 0; buffers != nullptr && i < buffers->cBuffers; ++i) {
    const SecBuffer& buffer = buffers->pBuffers[i];
    const char* name = type_name(buffer.BufferType);
    if (name == nullptr || (buffer.cbBuffer == 0 && i > 0)) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", name, buffer.cbBuffer);
  }
  return text;
}

void Tracer::header() const {
  if (out_ == nullptr) return;
  fmt::print(out_, "{:<7} {:<27} {:>7} {:>7}  {:<27} {}\n", "side", "call", "in", "out", "status",
             "buffers");
  fmt::print(out_, "{:-<7} {:-<27} {:->7} {:->7}  {:-<27} {:-<18}\n", "", "", "", "", "", "");
}

void Tracer::row(const std::string& side, const std::string& call, std::size_t in, std::size_t out,
                 SECURITY_STATUS status, const SecBufferDesc* buffers) const {
  if (out_ == nullptr) return;
  const bool colour = wants_colour(out_);
  const bool bad = status < 0 && status != SEC_E_INCOMPLETE_MESSAGE;
  const char* on = !colour ? "" : bad ? "\x1b[31m" : status == SEC_E_OK ? "\x1b[32m" : "\x1b[33m";
  std::string text =
      fmt::format("{:<7} {:<27} {:>7} {:>7}  {}{:<27}{} {}", side, call, in, out, on,
                  status_name(status), colour ? "\x1b[0m" : "", buffers_text(buffers));
  text.erase(text.find_last_not_of(' ') + 1);
  // One call of print is one line, whoever else prints.
  fmt::print(out_, "{}\n", text);
  std::fflush(out_);
}
