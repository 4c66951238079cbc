#include "base/error_detail.h"

#include <utility>

namespace schannel {
namespace {

thread_local std::string detail_of_this_thread;

}  // namespace

void set_error_detail(std::string text) noexcept { detail_of_this_thread = std::move(text); }
const char* error_detail() noexcept { return detail_of_this_thread.c_str(); }
void clear_error_detail() noexcept { detail_of_this_thread.clear(); }

}  // namespace schannel
