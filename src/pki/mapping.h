#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "pki/mapping_accounts.h"

// From a client's certificate to an account, by rules in the language of SSSD (contract section G,
// docs/mapping.md, decision 0014).
namespace schannel::pki {

/// Issuers known to map to no account, so that nobody is asked about them again for a while
/// (MAP-5). Safe from any thread.
class IssuerCache {
 public:
  struct Limits {
    std::uint32_t count_max = 100;
    std::uint32_t lifetime_ms = 600'000;
  };
  /// `issuer` is its encoding, `now_ms` a time in milliseconds that never matters but here.
  bool contains(Bytes issuer, std::int64_t now_ms);
  /// The oldest makes room.
  void insert(Bytes issuer, Limits limits, std::int64_t now_ms);

 private:
  struct Entry {
    Buffer digest;
    std::int64_t begins_ms;
    std::int64_t ends_ms;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;  ///< Oldest first.
};

struct MappingRules;

/// The rules of one file. Safe from any thread.
class Mapper {
 public:
  /// A mapper, or a sentence that says what is wrong with the file, and where.
  using Loaded = std::variant<std::shared_ptr<Mapper>, std::string>;
  /// Of a file that only root or the effective user can change. Read again when it has changed.
  static Loaded of_file(const std::string& path);
  static Loaded of_text(std::string_view toml, const std::string& name);

  explicit Mapper(MappingRules rules);
  ~Mapper();
  Mapper(const Mapper&) = delete;
  Mapper& operator=(const Mapper&) = delete;

  struct Outcome {
    std::optional<Account> account;
    std::string why;  ///< Without one: a sentence for people.
  };
  /// The account behind a chain that was verified: leaf first, each behind the one it has issued.
  /// One account or none: several are none. May take as long as the directory's timeout for each
  /// rule that asks it.
  Outcome map(const std::vector<Buffer>& chain, IssuerCache::Limits limits, std::int64_t now_ms);

 private:
  const std::unique_ptr<MappingRules> rules_;
  IssuerCache issuers_;
};

}  // namespace schannel::pki
