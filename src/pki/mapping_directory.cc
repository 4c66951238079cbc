#include "pki/mapping_directory.h"

#include <ldap.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace schannel::pki {
namespace {

using Clock = std::chrono::steady_clock;

/// What is left of the time for one lookup.
class Deadline {
 public:
  explicit Deadline(std::uint32_t ms) : end_(Clock::now() + std::chrono::milliseconds(ms)) {}
  timeval left() const {
    using namespace std::chrono;
    const auto us =
        std::max<std::int64_t>(duration_cast<microseconds>(end_ - Clock::now()).count(), 1);
    return {static_cast<time_t>(us / 1'000'000), static_cast<suseconds_t>(us % 1'000'000)};
  }
  bool is_over() const { return Clock::now() >= end_; }

 private:
  Clock::time_point end_;
};

struct Unbind {
  void operator()(LDAP* ldap) const { ldap_unbind_ext_s(ldap, nullptr, nullptr); }
};
struct FreeMessage {
  void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};
struct FreeValues {
  void operator()(berval** values) const { ldap_value_free_len(values); }
};
using Message = std::unique_ptr<LDAPMessage, FreeMessage>;
using Values = std::unique_ptr<berval*, FreeValues>;

/// One connection, for one lookup.
class Lookup {
 public:
  explicit Lookup(const Directory& directory)
      : directory_(directory), deadline_(directory.timeout_ms) {}

  DirectoryAnswer run(const std::string& filter) {
    Message result;
    if (!connect() || !bind() || !search(filter, result)) {
      return {DirectoryAnswer::Kind::failed, {}, why_};
    }
    if (is_several_) return {DirectoryAnswer::Kind::several, {}, {}};
    return read(result.get());
  }

 private:
  bool fail(const char* step, int code) {
    why_ = std::string("the directory can't be asked (") + step + "): " + ldap_err2string(code);
    return false;
  }

  bool set(int option, const void* value) {
    const int code = ldap_set_option(ldap_.get(), option, value);
    return code == LDAP_OPT_SUCCESS || fail("an option", code);
  }

  bool limit_time() {
    const timeval left = deadline_.left();
    return set(LDAP_OPT_NETWORK_TIMEOUT, &left) && set(LDAP_OPT_TIMEOUT, &left);
  }

  bool connect() {
    LDAP* made = nullptr;
    if (const int code = ldap_initialize(&made, directory_.uri.c_str()); code != LDAP_SUCCESS) {
      return fail("its address", code);
    }
    ldap_.reset(made);
    const int version = LDAP_VERSION3;
    const int demand = LDAP_OPT_X_TLS_DEMAND;
    const int never = LDAP_DEREF_NEVER;
    const int client = 0;
    bool good = set(LDAP_OPT_PROTOCOL_VERSION, &version) && set(LDAP_OPT_DEREF, &never) &&
                set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF) && set(LDAP_OPT_RESTART, LDAP_OPT_ON) &&
                limit_time();
    if (good && !directory_.ca_file.empty()) {
      good = set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) &&
             set(LDAP_OPT_X_TLS_CACERTFILE, directory_.ca_file.c_str()) &&
             set(LDAP_OPT_X_TLS_NEWCTX, &client);
    }
    if (!good || !directory_.start_tls) return good;
    const int code = ldap_start_tls_s(ldap_.get(), nullptr, nullptr);
    return code == LDAP_SUCCESS || fail("StartTLS", code);
  }

  /// The one answer to request `id`, in what is left of the time.
  bool await(const char* step, int id, int which, Message& out) {
    timeval left = deadline_.left();
    LDAPMessage* message = nullptr;
    const int type = ldap_result(ldap_.get(), id, which, &left, &message);
    out.reset(message);
    if (type > 0 && !deadline_.is_over()) return true;
    if (type <= 0) ldap_abandon_ext(ldap_.get(), id, nullptr, nullptr);
    if (type == 0 || deadline_.is_over()) return fail(step, LDAP_TIMEOUT);
    int code = LDAP_OTHER;
    ldap_get_option(ldap_.get(), LDAP_OPT_RESULT_CODE, &code);
    return fail(step, code);
  }

  bool bind() {
    if (directory_.bind_dn.empty()) return true;  // LDAPv3 begins anonymously
    std::string password = directory_.password;
    berval secret{password.size(), password.data()};
    int id = 0;
    int code = ldap_sasl_bind(ldap_.get(), directory_.bind_dn.c_str(), LDAP_SASL_SIMPLE, &secret,
                              nullptr, nullptr, &id);
    explicit_bzero(password.data(), password.size());
    if (code != LDAP_SUCCESS) return fail("bind", code);
    Message answer;
    if (!await("bind", id, LDAP_MSG_ALL, answer)) return false;
    int outcome = LDAP_OTHER;
    code = ldap_parse_result(ldap_.get(), answer.get(), &outcome, nullptr, nullptr, nullptr,
                             nullptr, 0);
    if (code == LDAP_SUCCESS) code = outcome;
    return code == LDAP_SUCCESS || fail("bind", code);
  }

  bool search(const std::string& filter, Message& out) {
    const std::string whole = "(&" + directory_.filter + filter + ")";
    std::string name = directory_.name_attribute;
    char* attributes[] = {name.data(), nullptr};
    timeval left = deadline_.left();
    int id = 0;
    constexpr int kSizeLimit = 2;  // a second one is already too many
    int code =
        ldap_search_ext(ldap_.get(), directory_.base.c_str(), LDAP_SCOPE_SUBTREE, whole.c_str(),
                        attributes, 0, nullptr, nullptr, &left, kSizeLimit, &id);
    if (code != LDAP_SUCCESS) return fail("search", code);
    if (!await("search", id, LDAP_MSG_ALL, out)) return false;
    int outcome = LDAP_OTHER;
    code =
        ldap_parse_result(ldap_.get(), out.get(), &outcome, nullptr, nullptr, nullptr, nullptr, 0);
    if (code == LDAP_SUCCESS) code = outcome;
    is_several_ = code == LDAP_SIZELIMIT_EXCEEDED;
    return code == LDAP_SUCCESS || is_several_ || fail("search", code);
  }

  DirectoryAnswer read(LDAPMessage* result) {
    LDAPMessage* entry = ldap_first_entry(ldap_.get(), result);
    if (entry == nullptr) return {DirectoryAnswer::Kind::none, {}, {}};
    if (ldap_next_entry(ldap_.get(), entry) != nullptr) {
      return {DirectoryAnswer::Kind::several, {}, {}};
    }
    const Values values(ldap_get_values_len(ldap_.get(), entry, directory_.name_attribute.c_str()));
    const int count = values ? ldap_count_values_len(values.get()) : 0;
    if (count > 1) return {DirectoryAnswer::Kind::several, {}, {}};
    if (count == 0) {
      return {DirectoryAnswer::Kind::failed,
              {},
              "the directory's entry has no readable " + directory_.name_attribute};
    }
    const berval& name = *values.get()[0];
    return {DirectoryAnswer::Kind::found, std::string(name.bv_val, name.bv_len), {}};
  }

  const Directory& directory_;
  Deadline deadline_;
  std::unique_ptr<LDAP, Unbind> ldap_;
  bool is_several_ = false;
  std::string why_;
};

}  // namespace

DirectoryAnswer find_in_directory(const Directory& directory, const std::string& filter) {
  return Lookup(directory).run(filter);
}

}  // namespace schannel::pki
