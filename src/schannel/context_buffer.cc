#include "schannel/context_buffer.h"

#include <cstring>
#include <cwchar>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/secret.h"
#include "pki/text.h"

namespace schannel::package {
namespace {

// Which blocks are out: a foreign pointer, or one freed twice, is an error and never a crash. Not
// on the record path, so a lock is affordable.
struct Blocks {
  std::mutex mutex;
  std::unordered_map<void*, std::size_t> sizes;
};

Blocks& blocks() {
  static Blocks& out = *new Blocks;  // callers may free in their own static destructors
  return out;
}

}  // namespace

void* allocate_context_buffer(std::size_t size) {
  std::unique_ptr<void, void (*)(void*)> block(std::calloc(1, size == 0 ? 1 : size), std::free);
  if (!block) throw std::bad_alloc();
  Blocks& all = blocks();
  const std::lock_guard lock(all.mutex);
  all.sizes.emplace(block.get(), size);
  return block.release();
}

bool free_context_buffer(void* block) {
  if (block == nullptr) return true;
  Blocks& all = blocks();
  {
    const std::lock_guard lock(all.mutex);
    const auto found = all.sizes.find(block);
    if (found == all.sizes.end()) return false;
    wipe({static_cast<std::uint8_t*>(block), found->second});
    all.sizes.erase(found);
  }
  std::free(block);
  return true;
}

void* copy_to_context_buffer(Bytes bytes) {
  if (bytes.empty()) return nullptr;
  void* block = allocate_context_buffer(bytes.size());
  std::memcpy(block, bytes.data(), bytes.size());
  return block;
}

void* text_to_context_buffer(std::string_view utf8, bool wide) {
  if (!wide) {
    void* block = allocate_context_buffer(utf8.size() + 1);
    std::memcpy(block, utf8.data(), utf8.size());
    return block;
  }
  const std::wstring text = pki::to_wide(utf8);
  void* block = allocate_context_buffer((text.size() + 1) * sizeof(wchar_t));
  std::wmemcpy(static_cast<wchar_t*>(block), text.data(), text.size());
  return block;
}

}  // namespace schannel::package
