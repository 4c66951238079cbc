#pragma once
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>

// Small files of the administrator's: read whole, and again when they have changed.
namespace schannel {

/// Differs when the file was replaced or written to.
using FileState = std::string;

/// The state of what is at `path`; nothing when there is nothing, or errno says what.
std::optional<FileState> file_state(const std::string& path);

struct FileText {
  std::string text;
  FileState state;
  uid_t owner = 0;
  mode_t mode = 0;
};

/// The whole of a regular file of at most `bytes_max` bytes. Nothing, with `why` a sentence, when
/// it can't be read or is something else; never kept waiting by a pipe.
std::optional<FileText> read_file(const std::string& path, std::size_t bytes_max, std::string& why);

}  // namespace schannel
