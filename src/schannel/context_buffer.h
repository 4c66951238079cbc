#pragma once
#include <cstddef>
#include <string_view>

#include "base/bytes.h"

// Memory that the caller frees with FreeContextBuffer (contract HND-16).
namespace schannel::package {

/// `size` zeroed bytes, aligned for any object. Throws bad_alloc.
void* allocate_context_buffer(std::size_t size);
/// False when `block` is not one of ours or was freed before. Null is fine (contract R-13).
bool free_context_buffer(void* block);

/// A copy of `bytes`; null when there are none.
void* copy_to_context_buffer(Bytes bytes);
/// UTF-8 text as char or wchar_t, terminated.
void* text_to_context_buffer(std::string_view utf8, bool wide);

}  // namespace schannel::package
