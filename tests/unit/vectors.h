#pragma once
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

#include "base/bytes.h"

// Published test vectors: files of `key = hex` lines under tests/vectors, '#' begins a comment.
namespace schannel::test {

inline Buffer from_hex(const std::string& text) {
  Buffer out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return out;
}

inline std::map<std::string, Buffer> read_vectors(const std::string& file) {
  std::ifstream in(std::string(OPENSCHANNEL_TEST_DATA) + "/" + file);
  if (!in) throw std::runtime_error("no test vectors in " + file);
  std::map<std::string, Buffer> out;
  for (std::string line; std::getline(in, line);) {
    const std::size_t at = line.find(" = ");
    if (line.empty() || line[0] == '#' || at == std::string::npos) continue;
    out[line.substr(0, at)] = from_hex(line.substr(at + 3));
  }
  return out;
}

}  // namespace schannel::test
