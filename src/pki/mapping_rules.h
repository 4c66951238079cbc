#pragma once
#include <talloc.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "pki/mapping_directory.h"

extern "C" {  // a header of C that does not say so
#include <sss_certmap.h>
}

// The file with mapping rules (docs/mapping.md).
namespace schannel::pki {

/// One rule of SSSD's language, in a context of libsss-certmap of its own: that way it can be asked
/// which of several rules fit, and not only for the first.
class MappingRule {
 public:
  enum class Match : std::uint8_t { no, yes, unusable };
  struct Expansion {
    Match match = Match::no;
    std::string filter;  ///< yes; values of the certificate are escaped
    std::string why;     ///< unusable: it fits, but the certificate lacks what it maps by
  };

  /// Null with `why` set when the rule is none.
  static std::shared_ptr<MappingRule> make(const std::string& match, const std::string& map,
                                           std::string& why);
  Expansion apply(Bytes certificate);

  std::string name;  ///< For people: "rule 1".
  std::uint32_t priority = SSS_CERTMAP_MIN_PRIO;
  bool is_local = true;
  bool is_in_directory = false;

 private:
  struct FreeContext {
    void operator()(sss_certmap_ctx* context) const { sss_certmap_free_ctx(context); }
  };
  std::string last_complaint_;
  std::unique_ptr<sss_certmap_ctx, FreeContext> context_;
  std::mutex mutex_;  ///< The context belongs to one thread at a time.

  friend struct CertmapComplaints;
};

struct MappingRules {
  /// By priority, best first.
  std::vector<std::shared_ptr<MappingRule>> for_certificates;
  std::vector<std::shared_ptr<MappingRule>> for_issuers;
  /// What the file says of accounts of this machine: lower-case attribute -> value -> accounts.
  std::map<std::string, std::multimap<std::string, std::string>> attributes;
  std::optional<Directory> directory;
  uid_t minimum_uid = 1;
};

inline constexpr std::size_t kMappingRulesBytesMax = 0x100000;
inline constexpr std::size_t kMappingRuleCountMax = 1000;

using ParsedMappingRules = std::variant<MappingRules, std::string>;
/// `name` is the file's, for the sentence about what is wrong. Reads the file with the directory's
/// password, if one is named.
ParsedMappingRules parse_mapping_rules(std::string_view toml, const std::string& name);

}  // namespace schannel::pki
