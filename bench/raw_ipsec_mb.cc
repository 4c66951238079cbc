#include "raw_ipsec_mb.h"

#ifdef OPENSCHANNEL_HAVE_IPSEC_MB
#include <intel-ipsec-mb.h>

struct RawGcm::State {
  IMB_MGR* manager = alloc_mb_mgr(0);
  aes_gcm_enc_dec_t seal{}, open{};
  alignas(64) gcm_key_data key;
  alignas(64) gcm_context_data context;
  unsigned char iv[12] = {};
};

bool RawGcm::is_available() { return true; }

RawGcm::RawGcm(bool aes256) : state_(std::make_unique<State>()) {
  static constexpr unsigned char kKey[32] = {1};
  State& s = *state_;
  init_mb_mgr_auto(s.manager, nullptr);
  if (aes256) {
    IMB_AES256_GCM_PRE(s.manager, kKey, &s.key);
  } else {
    IMB_AES128_GCM_PRE(s.manager, kKey, &s.key);
  }
  s.seal = aes256 ? s.manager->gcm256_enc : s.manager->gcm128_enc;
  s.open = aes256 ? s.manager->gcm256_dec : s.manager->gcm128_dec;
}

RawGcm::~RawGcm() { free_mb_mgr(state_->manager); }

void RawGcm::run(bool seal, unsigned char* data, std::size_t size) {
  static constexpr unsigned char kAad[5] = {23, 3, 3};
  State& s = *state_;
  unsigned char tag[16];
  ++s.iv[0];
  (seal ? s.seal : s.open)(&s.key, &s.context, data, data, size, s.iv, kAad, sizeof kAad, tag,
                           sizeof tag);
}

#else

struct RawGcm::State {};
bool RawGcm::is_available() { return false; }
RawGcm::RawGcm(bool) {}
RawGcm::~RawGcm() = default;
void RawGcm::run(bool, unsigned char*, std::size_t) {}

#endif
