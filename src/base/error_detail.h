#pragma once
#include <string>

// Why the last call that failed in this thread failed, in words for people: what a status code is
// too coarse to say (which file, which certificate, which check). OpenSchannelErrorDetail shows it.
namespace schannel {

/// Never put keys or passwords into `text`.
void set_error_detail(std::string text) noexcept;
/// "" when there is nothing to say. Valid until the thread's next set or clear.
const char* error_detail() noexcept;
void clear_error_detail() noexcept;

}  // namespace schannel
