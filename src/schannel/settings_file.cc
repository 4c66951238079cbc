#include <cerrno>
#include <cstdlib>
#include <mutex>

#include "base/file.h"
#include "schannel/settings.h"

// The one file with settings, and the copy of it that is in force.
namespace schannel::package {
namespace {

struct InForce {
  std::mutex mutex;
  FileState state;
  std::shared_ptr<const Settings> settings;
};

InForce& in_force() {
  // Never destroyed: a caller's thread may outlive the process's static objects.
  static auto& kept = *new InForce;
  return kept;
}

}  // namespace

std::shared_ptr<const Settings> current_settings(std::string& why) {
  const char* named = secure_getenv(kSettingsVariable);
  const std::string path = named != nullptr ? named : kSystemSettingsFile;
  if (path.empty()) return std::make_shared<const Settings>();
  const std::optional<FileState> state = file_state(path);
  if (!state && errno == ENOENT && named == nullptr) return std::make_shared<const Settings>();
  InForce& kept = in_force();
  const std::lock_guard lock(kept.mutex);
  if (state && kept.settings && kept.state == *state) return kept.settings;
  std::optional<FileText> file = read_file(path, kSettingsBytesMax, why);
  if (!file) return nullptr;
  ParsedSettings parsed = parse_settings(file->text, path);
  if (auto* error = std::get_if<std::string>(&parsed)) {
    why = std::move(*error);
    return nullptr;
  }
  kept.settings = std::make_shared<const Settings>(std::get<Settings>(std::move(parsed)));
  kept.state = std::move(file->state);
  return kept.settings;
}

}  // namespace schannel::package
