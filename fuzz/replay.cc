#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

// Runs a fuzz target over files and folders of files, without libFuzzer: what the corpora hold is a
// test of every build. Fails when there is no file, and when the target aborts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

bool run(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  // Memory of exactly this size, so that a sanitizer sees a read behind the end.
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  std::printf("%s (%zu bytes)\n", path.c_str(), bytes.size());
  std::fflush(stdout);  // the last line names the culprit
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(argv[i])) {
      for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
        files.push_back(entry.path());
      }
    } else {
      files.emplace_back(argv[i]);
    }
    for (const auto& file : files) {
      if (!run(file)) {
        std::fprintf(stderr, "%s can't be read\n", file.c_str());
        return 1;
      }
      ++count;
    }
  }
  if (count == 0) std::fprintf(stderr, "no input\n");
  return count == 0 ? 1 : 0;
}
