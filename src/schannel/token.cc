#include "schannel/token.h"

#include <cstring>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace schannel::package {
namespace {

struct Entry {
  SharedAccount account;
  bool belongs_to_context;
};

struct Tokens {
  std::mutex mutex;
  std::unordered_map<ULONG_PTR, Entry> entries;
  ULONG_PTR last = 0;
};

Tokens& tokens() {
  // Never destroyed: a caller's thread may outlive the process's static objects.
  static auto& all = *new Tokens;
  return all;
}

// A handle is a number that looks like no address: 4 bits of it say what it is.
constexpr ULONG_PTR kMark = 0xa;

ULONG_PTR number_of(HANDLE token) {
  ULONG_PTR number = 0;
  static_assert(sizeof number == sizeof token);
  std::memcpy(&number, &token, sizeof number);
  return number;
}

HANDLE open(SharedAccount account, bool belongs_to_context) {
  Tokens& all = tokens();
  const std::lock_guard lock(all.mutex);
  const ULONG_PTR number = (all.last + 1) << 4 | kMark;
  all.entries.emplace(number, Entry{std::move(account), belongs_to_context});
  ++all.last;
  HANDLE handle = nullptr;
  std::memcpy(&handle, &number, sizeof handle);
  return handle;
}

bool close(HANDLE token, bool belongs_to_context) {
  Tokens& all = tokens();
  const std::lock_guard lock(all.mutex);
  const auto found = all.entries.find(number_of(token));
  if (found == all.entries.end() || found->second.belongs_to_context != belongs_to_context) {
    return false;
  }
  all.entries.erase(found);
  return true;
}

}  // namespace

HANDLE open_token(SharedAccount account) { return open(std::move(account), false); }
bool close_token(HANDLE token) { return close(token, false); }

SharedAccount account_of(HANDLE token) {
  Tokens& all = tokens();
  const std::lock_guard lock(all.mutex);
  const auto found = all.entries.find(number_of(token));
  return found == all.entries.end() ? nullptr : found->second.account;
}

OwnToken::OwnToken(SharedAccount account) : handle_(open(std::move(account), true)) {}
OwnToken::OwnToken(OwnToken&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
OwnToken& OwnToken::operator=(OwnToken&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}
OwnToken::~OwnToken() {
  if (handle_ != nullptr) close(handle_, true);
}

}  // namespace schannel::package
