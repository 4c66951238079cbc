#include "pki/mapping.h"

#include "base/bytes.h"
#include "pki/mapping_filter.h"
#include "pki/mapping_names.h"
#include "require.h"

// What a certificate can do to the rules that map it, and a rule's expansion to the parser of
// filters. The first byte says which.
namespace {

using schannel::Bytes;

/// Everything that an alternative name or a subject can be put into. No name it can give is an
/// account, so that the machine's do not matter.
schannel::pki::Mapper& mapper() {
  constexpr char kRules[] = R"toml(
[[Rule]]
Match = "<SUBJECT>.*"
Map = "(a={subject_rfc822_name})"
[[Rule]]
Match = "<SUBJECT>.*"
Map = "(a={subject_nt_principal.short_name})"
[[Rule]]
Match = "<SUBJECT>.*"
Map = "(&(a={subject_dn!nss_x500})(b={issuer_dn!ad}))"
[[Rule]]
Match = "<SAN:Principal>.*"
Map = "LDAPU1:(|(a={subject_key_id})(b={subject_dn_component.cn})(c={serial_number}))"
)toml";
  static const auto loaded = schannel::pki::Mapper::of_text(kRules, "rules");
  REQUIRE(std::holds_alternative<std::shared_ptr<schannel::pki::Mapper>>(loaded));
  return *std::get<std::shared_ptr<schannel::pki::Mapper>>(loaded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes input(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    const auto filter = schannel::pki::parse_filter(schannel::as_text(input));
    if (filter && filter->kind == schannel::pki::Filter::Kind::equals) {
      REQUIRE(!filter->attribute.empty() && !filter->value.empty());
    }
    return 0;
  }
  const schannel::pki::Mapper::Outcome outcome = mapper().map({schannel::to_buffer(input)}, {}, 0);
  REQUIRE(!outcome.account && !outcome.why.empty());
  return 0;
}
