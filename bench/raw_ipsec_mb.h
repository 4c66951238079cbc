#pragma once
#include <cstddef>
#include <memory>

/// AES-GCM straight from IPsec-MB, in place. In a file of its own: its header and OpenSSL's do not
/// go together.
class RawGcm {
 public:
  static bool is_available();
  explicit RawGcm(bool aes256);
  ~RawGcm();
  RawGcm(const RawGcm&) = delete;
  RawGcm& operator=(const RawGcm&) = delete;
  void run(bool seal, unsigned char* data, std::size_t size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};
