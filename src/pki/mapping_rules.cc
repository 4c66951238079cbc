#include "pki/mapping_rules.h"

#include <sys/stat.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "pki/mapping_filter.h"

namespace schannel::pki {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// The rule as it would be for some certificate: every template is the value "x".
std::string sample_of(const std::string& map) {
  std::string out;
  bool in_template = false;
  for (const char c : map.substr(map.starts_with('(') ? 0 : map.find(':') + 1)) {
    if (c == '{') out += 'x';
    in_template = c == '{' || (in_template && c != '}');
    if (!in_template && c != '}') out += c;
  }
  return out;
}

/// One file on its way in. The first complaint counts; what comes after it is read for nothing.
class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  ParsedMappingRules read(const toml::table& root) {
    read_all(root);
    if (!error_.empty()) return std::move(error_);
    return std::move(rules_);
  }

 private:
  void complain(const toml::node& node, const std::string& text) {
    if (!error_.empty()) return;
    error_ = name_ + ":" + std::to_string(node.source().begin.line) + ": " + text;
  }

  std::string text_of(const toml::node& node) {
    auto value = node.value_exact<std::string>();
    if (!value || value->empty() || value->find('\0') != std::string::npos) {
      complain(node, "must be text that is not empty");
      return "?";
    }
    return *std::move(value);
  }

  std::uint32_t number_of(const toml::node& node) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < 0 || *value > std::int64_t{UINT32_MAX}) {
      complain(node, "must be a whole number from 0 to 4294967295");
      return 0;
    }
    return static_cast<std::uint32_t>(*value);
  }

  bool flag_of(const toml::node& node) {
    const auto value = node.value_exact<bool>();
    if (!value) complain(node, "must be true or false");
    return value.value_or(false);
  }

  std::string path_of(const toml::node& node) {
    std::string path = text_of(node);
    if (path.front() != '/') complain(node, "must be an absolute path");
    return path;
  }

  /// One text or several.
  std::vector<std::string> texts_of(const toml::node& node) {
    std::vector<std::string> out;
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& element : *array) out.push_back(text_of(element));
    } else {
      out.push_back(text_of(node));
    }
    return out;
  }

  const toml::table& table_of(const toml::node& node) {
    static const toml::table nothing;
    const toml::table* table = node.as_table();
    if (table == nullptr) complain(node, "must be a table");
    return table == nullptr ? nothing : *table;
  }

  void read_all(const toml::table& root) {
    for (const auto& [key, node] : root) {
      if (key == "Rule") {
        read_rules(node, "rule ", rules_.for_certificates);
      } else if (key == "IssuerRule") {
        read_rules(node, "issuer rule ", rules_.for_issuers);
      } else if (key == "Accounts") {
        for (const auto& [name, entry] : table_of(node)) read_account(name.str(), entry);
      } else if (key == "Directory") {
        read_directory(table_of(node));
      } else if (key == "MinimumUid") {
        rules_.minimum_uid = number_of(node);
      } else {
        complain(node, std::string(key.str()) + " is nothing that can be set here");
      }
    }
    for (const auto* list : {&rules_.for_certificates, &rules_.for_issuers}) {
      for (const auto& rule : *list) {
        if (rule->is_in_directory && !rules_.directory) {
          complain(root, rule->name + " asks the directory, and there is no [Directory]");
        }
      }
    }
  }

  void read_rules(const toml::node& node, const std::string& kind,
                  std::vector<std::shared_ptr<MappingRule>>& out) {
    const toml::array* array = node.as_array();
    if (array == nullptr) {
      return complain(node, "must be an array of tables: [[Rule]], [[IssuerRule]]");
    }
    if (array->size() > kMappingRuleCountMax) {
      return complain(node, "is too much: at most 1000 rules");
    }
    for (const toml::node& entry : *array) {
      auto rule = read_rule(table_of(entry), kind + std::to_string(out.size() + 1));
      if (!rule) return;
      out.push_back(std::move(rule));
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a->priority < b->priority; });
  }

  /// Null after a complaint.
  std::shared_ptr<MappingRule> read_rule(const toml::table& table, std::string name) {
    std::string match;
    std::string map;
    std::uint32_t priority = SSS_CERTMAP_MIN_PRIO;
    std::vector<std::string> domains = {"local"};
    for (const auto& [key, node] : table) {
      if (key == "Match") {
        match = text_of(node);
      } else if (key == "Map") {
        map = text_of(node);
      } else if (key == "Priority") {
        priority = number_of(node);
      } else if (key == "Domains") {
        domains = texts_of(node);
      } else {
        complain(node, std::string(key.str()) + " is no part of a rule");
      }
    }
    // SSSD has defaults for both: any client's certificate, and a search for all of it.
    if (match.empty() || map.empty()) {
      complain(table, name + " needs Match and Map");
      return nullptr;
    }
    std::string why;
    std::shared_ptr<MappingRule> rule = MappingRule::make(match, map, why);
    if (!rule) {
      complain(table, name + ": " + why);
      return nullptr;
    }
    rule->name = std::move(name);
    rule->priority = priority;
    rule->is_local = false;
    for (const std::string& domain : domains) {
      if (domain == "local") {
        rule->is_local = true;
      } else if (domain == "directory") {
        rule->is_in_directory = true;
      } else {
        complain(table, rule->name + ": Domains may be \"local\" and \"directory\"");
      }
    }
    const std::string sample = sample_of(map);
    if (rule->is_local ? !parse_filter(sample) : !sample.starts_with('(')) {
      complain(table, rule->name + ": Map is no filter that names accounts of this machine");
    }
    return rule;
  }

  void read_account(std::string_view name, const toml::node& node) {
    for (const auto& [key, value] : table_of(node)) {
      const std::string attribute = lower(std::string(key.str()));
      if (attribute == "uid") complain(value, "uid is the account's name, and can't be set");
      for (std::string& text : texts_of(value)) {
        rules_.attributes[attribute].emplace(std::move(text), name);
      }
    }
  }

  void read_directory(const toml::table& table) {
    Directory out;
    bool allows_plaintext = false;
    for (const auto& [key, node] : table) {
      if (key == "Uri") {
        out.uri = text_of(node);
      } else if (key == "StartTls") {
        out.start_tls = flag_of(node);
      } else if (key == "AllowPlaintext") {
        allows_plaintext = flag_of(node);
      } else if (key == "CaFile") {
        out.ca_file = path_of(node);
      } else if (key == "Base") {
        out.base = text_of(node);
      } else if (key == "Filter") {
        out.filter = text_of(node);
      } else if (key == "NameAttribute") {
        out.name_attribute = text_of(node);
      } else if (key == "BindDn") {
        out.bind_dn = text_of(node);
      } else if (key == "PasswordFile") {
        out.password = password_in(node);
      } else if (key == "Timeout") {
        out.timeout_ms = number_of(node);
      } else {
        complain(node, std::string(key.str()) + " is no part of [Directory]");
      }
    }
    check(table, out, allows_plaintext);
    rules_.directory = std::move(out);
  }

  void check(const toml::table& table, const Directory& directory, bool allows_plaintext) {
    const bool plain = directory.uri.starts_with("ldap://");
    const bool secure = directory.uri.starts_with("ldaps://") || (plain && directory.start_tls);
    if (!plain && !secure && !directory.uri.starts_with("ldapi://")) {
      complain(table, "[Directory] needs a Uri that begins with ldaps://, ldap:// or ldapi://");
    }
    if (directory.uri.find_first_of(" ,") != std::string::npos) {
      complain(table, "[Directory] has one Uri");
    }
    if (secure && directory.ca_file.empty()) {
      complain(table, "[Directory] needs a CaFile: whoever has another certificate is refused");
    }
    if (plain && !secure && !allows_plaintext) {
      complain(table,
               "[Directory] would believe anybody on the network: set StartTls, or AllowPlaintext");
    }
    if (directory.start_tls && !plain) complain(table, "StartTls goes with ldap:// alone");
    if (directory.base.empty()) complain(table, "[Directory] needs a Base");
    if (!directory.filter.starts_with('(') || !directory.filter.ends_with(')')) {
      complain(table, "Filter of [Directory] must be in parentheses");
    }
    if (directory.bind_dn.empty() != directory.password.empty()) {
      complain(table, "BindDn and PasswordFile go together");
    }
    if (directory.timeout_ms == 0 || directory.timeout_ms > 60'000) {
      complain(table, "Timeout of [Directory] must be from 1 to 60000 milliseconds");
    }
  }

  std::string password_in(const toml::node& node) {
    const std::string path = path_of(node);
    std::string why;
    std::optional<FileText> file = read_file(path, 4096, why);
    if (!file) {
      complain(node, why);
      return {};
    }
    if ((file->mode & (S_IRWXG | S_IRWXO)) != 0) {
      complain(node, path + " may be read by others: chmod 600");
    }
    while (!file->text.empty() && file->text.back() == '\n') file->text.pop_back();
    return std::move(file->text);
  }

  const std::string& name_;
  MappingRules rules_;
  std::string error_;
};

}  // namespace

ParsedMappingRules parse_mapping_rules(std::string_view toml, const std::string& name) {
  try {
    return Reader(name).read(toml::parse(toml));
  } catch (const toml::parse_error& error) {
    return name + ":" + std::to_string(error.source().begin.line) + ": " +
           std::string(error.description());
  }
}

}  // namespace schannel::pki
