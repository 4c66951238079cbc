#include "pki/mapping.h"

#include <openssl/err.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/file.h"
#include "crypto/hash.h"
#include "pki/mapping_filter.h"
#include "pki/mapping_names.h"
#include "pki/mapping_rules.h"

namespace schannel::pki {
namespace {

using Accounts = std::map<std::string, Account>;

/// What some rules say of one certificate.
struct Verdict {
  enum class Kind : std::uint8_t { none, one, several, failed };
  Kind kind = Kind::none;
  std::optional<Account> account;
  std::string why;
};

Verdict failed(std::string why) { return {Verdict::Kind::failed, {}, std::move(why)}; }

/// One certificate and the rules it is held against.
class Question {
 public:
  explicit Question(const MappingRules& rules) : rules_(rules) {}

  Verdict ask(const std::vector<std::shared_ptr<MappingRule>>& rules, Bytes certificate) {
    // SSSD's language: the rules of the best priority that has one that fits are the ones that
    // count. Where SSSD takes any of them, here they must agree.
    for (auto first = rules.begin(); first != rules.end();) {
      const auto last = std::find_if(
          first, rules.end(), [&](const auto& r) { return r->priority != (*first)->priority; });
      bool fits = false;
      for (; first != last; ++first) {
        MappingRule::Expansion expansion = (*first)->apply(certificate);
        if (expansion.match == MappingRule::Match::no) continue;
        fits = true;
        if (expansion.match == MappingRule::Match::unusable) {
          why_ = (*first)->name + " fits, but the certificate lacks what it maps by";
        } else if (!resolve(**first, expansion.filter)) {
          return failed((*first)->name + ": " + why_);
        }
      }
      if (fits) return verdict();
    }
    return {Verdict::Kind::none, {}, "no rule fits the certificate"};
  }

 private:
  Verdict verdict() {
    if (is_several_ || accounts_.size() > 1) {
      return {Verdict::Kind::several, {}, "the rules name several accounts, so it is none"};
    }
    if (accounts_.empty()) {
      return {Verdict::Kind::none,
              {},
              why_.empty() ? "the rule that fits names no account there is" : why_};
    }
    Account& account = accounts_.begin()->second;
    if (account.uid < rules_.minimum_uid) {
      return {Verdict::Kind::none, {}, "the account " + account.name + " is below MinimumUid"};
    }
    return {Verdict::Kind::one, std::move(account), {}};
  }

  /// Adds the accounts that a filter means. False with why_ set when that can't be said.
  bool resolve(const MappingRule& rule, const std::string& text) {
    if (rule.is_local) {
      const std::optional<Filter> filter = parse_filter(text);
      if (!filter) {
        why_ = "it became no filter that names accounts of this machine";
        return false;
      }
      if (!search(*filter, accounts_)) return false;
    }
    if (!rule.is_in_directory) return true;
    const DirectoryAnswer answer = find_in_directory(*rules_.directory, text);
    switch (answer.kind) {
      case DirectoryAnswer::Kind::found:
        return add(answer.name, accounts_);
      case DirectoryAnswer::Kind::none:
        return true;
      case DirectoryAnswer::Kind::several:
        is_several_ = true;
        return true;
      case DirectoryAnswer::Kind::failed:
        break;
    }
    why_ = answer.why;
    return false;
  }

  bool add(const std::string& name, Accounts& out) {
    AccountLookup found = find_account(name);
    if (auto* why = std::get_if<std::string>(&found)) {
      why_ = std::move(*why);
      return false;
    }
    if (auto& account = std::get<std::optional<Account>>(found)) {
      std::string key = account->name;
      out.insert_or_assign(std::move(key), *std::move(account));
    }
    return true;
  }

  bool search(const Filter& filter, Accounts& out) {
    switch (filter.kind) {
      case Filter::Kind::equals:
        return search_equal(filter, out);
      case Filter::Kind::any:
        return std::all_of(filter.parts.begin(), filter.parts.end(),
                           [&](const Filter& part) { return search(part, out); });
      case Filter::Kind::all:
        break;
    }
    Accounts common;
    if (!search(filter.parts.front(), common)) return false;
    for (const Filter& part : filter.parts) {
      Accounts more;
      if (!search(part, more)) return false;
      std::erase_if(common, [&](const auto& entry) { return !more.contains(entry.first); });
    }
    out.merge(common);
    return true;
  }

  bool search_equal(const Filter& filter, Accounts& out) {
    if (filter.attribute == "uid") return add(filter.value, out);
    const auto attribute = rules_.attributes.find(filter.attribute);
    if (attribute == rules_.attributes.end()) return true;
    const auto [begin, end] = attribute->second.equal_range(filter.value);
    return std::all_of(begin, end, [&](const auto& entry) { return add(entry.second, out); });
  }

  const MappingRules& rules_;
  Accounts accounts_;
  bool is_several_ = false;
  std::string why_;
};

struct KnownFile {
  FileState state;
  std::shared_ptr<Mapper> mapper;
};
struct KnownFiles {
  std::mutex mutex;
  std::map<std::string, KnownFile> files;
};
KnownFiles& known_files() {
  // Never destroyed: a caller's thread may outlive the process's static objects.
  static auto& known = *new KnownFiles;
  return known;
}
/// Files that are remembered; a program has one, or a few.
constexpr std::size_t kKnownFileCountMax = 64;

Buffer digest_of(Bytes issuer) {
  return to_buffer(crypto::hash(crypto::HashAlgorithm::sha256, issuer));
}

}  // namespace

bool IssuerCache::contains(Bytes issuer, std::int64_t now_ms) {
  const Buffer digest = digest_of(issuer);
  const std::lock_guard lock(mutex_);
  // A clock that was set back makes an entry come from the future: it is worth nothing.
  entries_.remove_if(
      [&](const Entry& entry) { return now_ms >= entry.ends_ms || now_ms < entry.begins_ms; });
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.digest == digest; });
}

void IssuerCache::insert(Bytes issuer, Limits limits, std::int64_t now_ms) {
  if (limits.count_max == 0 || limits.lifetime_ms == 0) return;
  Entry entry{digest_of(issuer), now_ms, now_ms + limits.lifetime_ms};
  const std::lock_guard lock(mutex_);
  entries_.remove_if([&](const Entry& other) { return other.digest == entry.digest; });
  while (entries_.size() >= limits.count_max) entries_.pop_front();
  entries_.push_back(std::move(entry));
}

Mapper::Mapper(MappingRules rules) : rules_(std::make_unique<MappingRules>(std::move(rules))) {}
Mapper::~Mapper() = default;

Mapper::Loaded Mapper::of_text(std::string_view toml, const std::string& name) {
  ParsedMappingRules parsed = parse_mapping_rules(toml, name);
  if (auto* error = std::get_if<std::string>(&parsed)) return std::move(*error);
  return std::make_shared<Mapper>(std::get<MappingRules>(std::move(parsed)));
}

Mapper::Loaded Mapper::of_file(const std::string& path) {
  KnownFiles& known = known_files();
  const std::lock_guard lock(known.mutex);
  if (const auto found = known.files.find(path); found != known.files.end()) {
    if (found->second.state == file_state(path)) return found->second.mapper;
    known.files.erase(found);
  }
  std::string why;
  std::optional<FileText> file = read_file(path, kMappingRulesBytesMax, why);
  if (!file) return why;
  // Who can write it can become any account.
  if ((file->owner != 0 && file->owner != geteuid()) || (file->mode & (S_IWGRP | S_IWOTH)) != 0) {
    return path + " may be changed by others: it must be root's or yours, and chmod go-w";
  }
  Loaded loaded = of_text(file->text, path);
  if (const auto* mapper = std::get_if<std::shared_ptr<Mapper>>(&loaded)) {
    if (known.files.size() >= kKnownFileCountMax) known.files.clear();
    known.files[path] = {std::move(file->state), *mapper};
  }
  return loaded;
}

Mapper::Outcome Mapper::map(const std::vector<Buffer>& chain, IssuerCache::Limits limits,
                            std::int64_t now_ms) {
  if (chain.empty()) return {{}, "there is no certificate"};
  for (const Buffer& certificate : chain) {
    if (!has_plain_names(certificate)) {
      return {{}, "a name in the certificate or above it has a NUL in it"};
    }
  }
  Verdict verdict = Question(*rules_).ask(rules_->for_certificates, chain.front());
  // MAP-3, MAP-5: whole issuers come last, the nearest first. An answer that is missing is none.
  if (verdict.kind == Verdict::Kind::none && !rules_->for_issuers.empty()) {
    for (std::size_t i = 1; i < chain.size(); ++i) {
      if (issuers_.contains(chain[i], now_ms)) continue;
      Verdict of_issuer = Question(*rules_).ask(rules_->for_issuers, chain[i]);
      if (of_issuer.kind == Verdict::Kind::none) {
        issuers_.insert(chain[i], limits, now_ms);
        continue;
      }
      verdict = std::move(of_issuer);
      break;
    }
  }
  return {std::move(verdict.account), std::move(verdict.why)};
}

}  // namespace schannel::pki
