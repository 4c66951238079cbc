#include "pki/verify.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/limits.h"
#include "unit/pki/certificate_builder.h"

namespace schannel::pki {
namespace {

using testing::authority;
using testing::Chain;
using testing::kDay;
using testing::kNow;
using testing::make_chain;
using testing::make_party;
using testing::Party;
using testing::Recipe;

VerifyOptions options_for(const std::string& name = "leaf.example") {
  VerifyOptions options;
  options.now = kNow;
  options.server_name = name;
  return options;
}

TrustAnchors trusting(const Party& root) {
  auto anchors = TrustAnchors::of({root.der()});
  EXPECT_TRUE(anchors);
  return *anchors;
}

Result<void> verify(const std::vector<Buffer>& presented, const TrustAnchors& anchors,
                    const VerifyOptions& options = options_for()) {
  return verify_chain({presented.begin(), presented.end()}, anchors, options);
}

std::optional<Cause> cause_of(const Result<void>& result) {
  return result ? std::nullopt : std::optional(result.error().cause);
}

struct Failing {
  const char* name;
  std::function<void(Recipe& leaf, Recipe& intermediate, Recipe& root)> change;
  std::optional<Cause> expected;
};

class ChainTable : public ::testing::TestWithParam<Failing> {};

TEST_P(ChainTable, gives_the_cause) {
  Recipe leaf;
  Recipe intermediate = authority("intermediate");
  Recipe root = authority("root");
  GetParam().change(leaf, intermediate, root);
  const Chain chain = make_chain(leaf, intermediate, root);
  EXPECT_EQ(cause_of(verify(chain.presented(), trusting(chain.root))), GetParam().expected);
}

const Failing kTable[] = {
    {"good", [](Recipe&, Recipe&, Recipe&) {}, std::nullopt},
    {"good_without_usages",
     [](Recipe& leaf, Recipe&, Recipe&) {
       leaf.key_usage.clear();
       leaf.extended_key_usage.clear();
     },
     std::nullopt},
    {"good_with_any_usage",
     [](Recipe& leaf, Recipe& intermediate, Recipe&) {
       leaf.extended_key_usage = "anyExtendedKeyUsage";
       intermediate.extended_key_usage = "serverAuth";
     },
     std::nullopt},
    {"expired", [](Recipe& leaf, Recipe&, Recipe&) { leaf.not_after = kNow - 1; },
     Cause::certificate_expired},
    {"good_until_its_last_second",
     [](Recipe& leaf, Recipe&, Recipe&) { leaf.not_after = kNow + 1; }, std::nullopt},
    {"not_yet_valid", [](Recipe& leaf, Recipe&, Recipe&) { leaf.not_before = kNow + 1; },
     Cause::certificate_expired},
    {"expired_intermediate",
     [](Recipe&, Recipe& intermediate, Recipe&) { intermediate.not_after = kNow - 1; },
     Cause::certificate_expired},
    {"expired_root", [](Recipe&, Recipe&, Recipe& root) { root.not_after = kNow - 1; },
     Cause::certificate_expired},
    {"wrong_name",
     [](Recipe& leaf, Recipe&, Recipe&) { leaf.alternative_names = "DNS:other.example"; },
     Cause::certificate_wrong_name},
    {"usage_of_client_only",
     [](Recipe& leaf, Recipe&, Recipe&) { leaf.extended_key_usage = "clientAuth"; },
     Cause::certificate_wrong_usage},
    {"usage_of_intermediate_for_mail",
     [](Recipe&, Recipe& intermediate, Recipe&) {
       intermediate.extended_key_usage = "emailProtection";
     },
     Cause::certificate_wrong_usage},
    {"key_usage_without_digital_signature",
     [](Recipe& leaf, Recipe&, Recipe&) { leaf.key_usage = "critical,keyAgreement"; },
     Cause::certificate_wrong_usage},
    {"key_usage_of_intermediate_without_certificates",
     [](Recipe&, Recipe& intermediate, Recipe&) {
       intermediate.key_usage = "critical,digitalSignature";
     },
     Cause::certificate_wrong_usage},
    {"intermediate_is_no_authority",
     [](Recipe&, Recipe& intermediate, Recipe&) {
       intermediate.basic_constraints = "critical,CA:FALSE";
     },
     Cause::certificate_invalid},
    {"intermediate_without_basic_constraints",
     [](Recipe&, Recipe& intermediate, Recipe&) { intermediate.basic_constraints.clear(); },
     Cause::certificate_invalid},
    {"path_too_long",
     [](Recipe&, Recipe&, Recipe& root) { root.basic_constraints = "critical,CA:TRUE,pathlen:0"; },
     Cause::certificate_invalid},
    {"good_path_length",
     [](Recipe&, Recipe&, Recipe& root) { root.basic_constraints = "critical,CA:TRUE,pathlen:1"; },
     std::nullopt},
    {"name_not_permitted",
     [](Recipe&, Recipe& intermediate, Recipe&) {
       intermediate.name_constraints = "critical,permitted;DNS:allowed.example";
     },
     Cause::certificate_invalid},
    {"name_excluded",
     [](Recipe&, Recipe& intermediate, Recipe&) {
       intermediate.name_constraints = "critical,excluded;DNS:leaf.example";
     },
     Cause::certificate_invalid},
    {"good_name_constraint",
     [](Recipe&, Recipe& intermediate, Recipe&) {
       intermediate.name_constraints = "critical,permitted;DNS:leaf.example";
     },
     std::nullopt},
    {"unknown_critical_extension",
     [](Recipe& leaf, Recipe&, Recipe&) { leaf.other_extension = "1.2.3.4.5=critical,DER:0500"; },
     Cause::certificate_invalid},
    {"unknown_extension",
     [](Recipe& leaf, Recipe&, Recipe&) { leaf.other_extension = "1.2.3.4.5=DER:0500"; },
     std::nullopt},
    {"sha1_signature", [](Recipe& leaf, Recipe&, Recipe&) { leaf.hash = testing::Hash::sha1; },
     Cause::certificate_invalid},
    {"sha1_signature_of_the_root_itself",
     [](Recipe&, Recipe&, Recipe& root) { root.hash = testing::Hash::sha1; }, std::nullopt},
    // CERT-51: the order in which problems are reported.
    {"time_before_usage_and_name",
     [](Recipe& leaf, Recipe&, Recipe&) {
       leaf.not_after = kNow - 1;
       leaf.extended_key_usage = "clientAuth";
       leaf.alternative_names = "DNS:other.example";
     },
     Cause::certificate_expired},
    {"usage_before_constraints_and_name",
     [](Recipe& leaf, Recipe& intermediate, Recipe&) {
       leaf.extended_key_usage = "clientAuth";
       leaf.alternative_names = "DNS:other.example";
       intermediate.basic_constraints = "critical,CA:FALSE";
     },
     Cause::certificate_wrong_usage},
    {"signature_before_time",
     [](Recipe& leaf, Recipe&, Recipe&) {
       leaf.hash = testing::Hash::sha1;
       leaf.not_after = kNow - 1;
     },
     Cause::certificate_invalid},
};

INSTANTIATE_TEST_SUITE_P(verify, ChainTable, ::testing::ValuesIn(kTable),
                         [](const auto& row) { return row.param.name; });

TEST(Verify, untrusted_root_comes_before_everything_else) {
  Recipe leaf;
  leaf.not_after = kNow - 1;
  leaf.alternative_names = "DNS:other.example";
  const Chain chain = make_chain(leaf);
  const Party stranger = make_party(authority("stranger"));
  EXPECT_EQ(cause_of(verify(chain.presented(), trusting(stranger))),
            Cause::certificate_untrusted_root);
}

TEST(Verify, root_sent_by_the_peer_is_not_trusted_for_it) {
  const Chain chain = make_chain();
  const Party stranger = make_party(authority("stranger"));
  EXPECT_EQ(cause_of(verify({chain.leaf.der(), chain.intermediate.der(), chain.root.der()},
                            trusting(stranger))),
            Cause::certificate_untrusted_root);
  EXPECT_TRUE(
      verify({chain.leaf.der(), chain.intermediate.der(), chain.root.der()}, trusting(chain.root)));
}

TEST(Verify, root_of_the_same_name_is_not_the_same_root) {
  const Chain chain = make_chain();
  const Party impostor = make_party(authority("root"));
  const auto cause = cause_of(verify(chain.presented(), trusting(impostor)));
  EXPECT_EQ(cause, Cause::certificate_untrusted_root);
}

TEST(Verify, missing_intermediate_is_untrusted) {
  const Chain chain = make_chain();
  EXPECT_EQ(cause_of(verify({chain.leaf.der()}, trusting(chain.root))),
            Cause::certificate_untrusted_root);
}

TEST(Verify, order_behind_the_leaf_does_not_matter) {
  const Chain chain = make_chain();
  const Party stranger = make_party(authority("stranger"));
  EXPECT_TRUE(verify({chain.leaf.der(), stranger.der(), chain.root.der(), chain.intermediate.der()},
                     trusting(chain.root)));
}

TEST(Verify, self_signed_leaf_is_untrusted_unless_it_is_an_anchor) {
  const Party leaf = make_party({});
  const Party stranger = make_party(authority("stranger"));
  EXPECT_EQ(cause_of(verify({leaf.der()}, trusting(stranger))), Cause::certificate_untrusted_root);
  EXPECT_TRUE(verify({leaf.der()}, trusting(leaf)));
  EXPECT_EQ(cause_of(verify({leaf.der()}, trusting(leaf), options_for("other.example"))),
            Cause::certificate_wrong_name);
}

TEST(Verify, any_given_certificate_ends_a_chain) {
  const Chain chain = make_chain();
  EXPECT_TRUE(verify(chain.presented(), trusting(chain.intermediate)));
  EXPECT_TRUE(verify({chain.leaf.der()}, trusting(chain.intermediate)));
  EXPECT_TRUE(verify({chain.leaf.der()}, trusting(chain.leaf)));
}

TEST(Verify, no_anchors_trust_nobody) {
  const Chain chain = make_chain();
  const auto none = TrustAnchors::of({});
  ASSERT_TRUE(none);
  EXPECT_EQ(cause_of(verify(chain.presented(), *none)), Cause::certificate_untrusted_root);
}

TEST(Verify, flipped_bits_of_a_signature_are_found) {
  const Chain chain = make_chain();
  Buffer leaf = chain.leaf.der();
  leaf.back() ^= 1;  // the last byte of the signature value
  EXPECT_EQ(cause_of(verify({leaf, chain.intermediate.der()}, trusting(chain.root))),
            Cause::certificate_invalid);
  Buffer intermediate = chain.intermediate.der();
  intermediate.back() ^= 1;
  EXPECT_EQ(cause_of(verify({chain.leaf.der(), intermediate}, trusting(chain.root))),
            Cause::certificate_invalid);
}

TEST(Verify, what_does_not_parse_is_malformed) {
  const Chain chain = make_chain();
  const TrustAnchors anchors = trusting(chain.root);
  EXPECT_EQ(cause_of(verify({}, anchors)), Cause::certificate_malformed);
  EXPECT_EQ(cause_of(verify({Buffer()}, anchors)), Cause::certificate_malformed);
  EXPECT_EQ(cause_of(verify({{0x30, 0x00}}, anchors)), Cause::certificate_malformed);
  EXPECT_EQ(cause_of(verify({chain.leaf.der(), {1, 2, 3}}, anchors)), Cause::certificate_malformed);
  Buffer longer = chain.leaf.der();
  longer.push_back(0);
  EXPECT_EQ(cause_of(verify({longer, chain.intermediate.der()}, anchors)),
            Cause::certificate_malformed);
}

TEST(Verify, every_truncation_is_malformed) {
  const Chain chain = make_chain();
  const TrustAnchors anchors = trusting(chain.root);
  const Buffer leaf = chain.leaf.der();
  for (std::size_t size = 0; size < leaf.size(); ++size) {
    const Buffer part(leaf.begin(), leaf.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_EQ(cause_of(verify({part}, anchors)), Cause::certificate_malformed) << size;
  }
}

TEST(Verify, no_changed_byte_of_a_leaf_is_accepted) {
  const Chain chain = make_chain();
  const TrustAnchors anchors = trusting(chain.root);
  const Buffer leaf = chain.leaf.der();
  for (std::size_t i = 0; i < leaf.size(); ++i) {
    Buffer changed = leaf;
    changed[i] ^= 0x20;
    ASSERT_FALSE(verify({changed, chain.intermediate.der()}, anchors)) << i;
  }
}

TEST(Verify, short_rsa_keys_are_invalid) {
  const Party root = make_party(authority("root"));
  const Party weak = make_party({}, &root, testing::make_rsa_key(768));
  EXPECT_EQ(cause_of(verify({weak.der()}, trusting(root))), Cause::certificate_invalid);
  // Contract PROTO-29: 1024 bits are enough.
  const Party just_enough = make_party({}, &root, testing::make_rsa_key(1024));
  EXPECT_TRUE(verify({just_enough.der()}, trusting(root)));
  const Party weak_root = make_party(authority("root"), nullptr, testing::make_rsa_key(768));
  const Party leaf = make_party({}, &weak_root);
  EXPECT_EQ(cause_of(verify({leaf.der()}, trusting(weak_root))), Cause::certificate_invalid);
}

TEST(Verify, md5_and_sha1_signatures_of_rsa_keys_are_invalid) {
  const Party root = make_party(authority("root"), nullptr, testing::make_rsa_key(2048));
  for (const testing::Hash hash : {testing::Hash::md5, testing::Hash::sha1}) {
    Recipe recipe;
    recipe.hash = hash;
    const Party leaf = make_party(recipe, &root);
    EXPECT_EQ(cause_of(verify({leaf.der()}, trusting(root))), Cause::certificate_invalid);
  }
}

TEST(Verify, every_kind_of_key_can_sign) {
  for (const char* kind : {"P-256", "P-384", "P-521", "RSA", "ED25519"}) {
    const std::string name = kind;
    const auto key = [&name] {
      return name == "RSA"       ? testing::make_rsa_key(2048)
             : name == "ED25519" ? testing::make_ed25519_key()
                                 : testing::make_ec_key(name.c_str());
    };
    const Party root = make_party(authority("root"), nullptr, key());
    const Party leaf = make_party({}, &root, key());
    EXPECT_TRUE(verify({leaf.der()}, trusting(root))) << name;
  }
}

TEST(Verify, client_certificates_need_their_own_usage) {
  VerifyOptions options = options_for("");
  options.usage = Usage::client_authentication;
  Recipe recipe;
  recipe.extended_key_usage = "clientAuth";
  const Chain clients = make_chain(recipe);
  EXPECT_TRUE(verify(clients.presented(), trusting(clients.root), options));
  recipe.extended_key_usage = "serverAuth";
  const Chain servers = make_chain(recipe);
  EXPECT_EQ(cause_of(verify(servers.presented(), trusting(servers.root), options)),
            Cause::certificate_wrong_usage);
}

TEST(Verify, name_is_not_compared_when_there_is_none_or_nobody_asks) {
  const Chain chain = make_chain();
  EXPECT_TRUE(verify(chain.presented(), trusting(chain.root), options_for("")));
  VerifyOptions unchecked = options_for("other.example");
  unchecked.check_name = false;
  EXPECT_TRUE(verify(chain.presented(), trusting(chain.root), unchecked));
}

TEST(Verify, time_is_the_one_given) {
  const Chain chain = make_chain();
  VerifyOptions later = options_for();
  later.now = kNow + 31 * kDay;
  EXPECT_EQ(cause_of(verify(chain.presented(), trusting(chain.root), later)),
            Cause::certificate_expired);
}

TEST(Verify, detail_says_which_certificate_and_what_about_it) {
  const auto detail_for = [](const Recipe& leaf, const Recipe& intermediate) {
    const Chain chain = make_chain(leaf, intermediate);
    const std::vector<Buffer> presented = chain.presented();
    std::string detail = "untouched";
    static_cast<void>(verify_chain({presented.begin(), presented.end()}, trusting(chain.root),
                                   options_for(), &detail));
    return detail;
  };
  Recipe leaf;
  Recipe intermediate = authority("intermediate");
  EXPECT_EQ(detail_for(leaf, intermediate), "untouched");
  intermediate.not_after = kNow - 1;
  EXPECT_EQ(detail_for(leaf, intermediate),
            "certificate 1 above the peer's (CN=intermediate): certificate has expired");
  leaf.common_name = "esc\x1B[2J\n" + std::string(50, 'x');
  leaf.alternative_names = "DNS:other.example";
  EXPECT_EQ(detail_for(leaf, authority("intermediate")),
            "the peer's certificate (CN=\"esc?[2J?" + std::string(50, 'x') +
                "\"): it is not for the name that was asked for");
}

TEST(Verify, more_certificates_than_the_limit_are_not_looked_at) {
  const Chain chain = make_chain();
  std::vector<Buffer> presented(kCertificateCountMax, chain.intermediate.der());
  presented.front() = chain.leaf.der();
  EXPECT_TRUE(verify(presented, trusting(chain.root)));
  presented.push_back(chain.intermediate.der());
  EXPECT_EQ(cause_of(verify(presented, trusting(chain.root))), Cause::certificate_list_too_long);
}

TEST(Verify, chain_that_is_too_deep_is_untrusted) {
  std::vector<Party> parties;
  parties.push_back(make_party(authority("authority 0")));
  for (int i = 1; i <= 9; ++i) {
    parties.push_back(make_party(authority("authority " + std::to_string(i)), &parties.back()));
  }
  const auto presented_for = [&parties](std::size_t depth) {
    const Party leaf = make_party({}, &parties[depth]);
    std::vector<Buffer> presented{leaf.der()};
    for (std::size_t i = depth; i > 0; --i) presented.push_back(parties[i].der());
    return presented;
  };
  EXPECT_TRUE(verify(presented_for(8), trusting(parties.front())));
  EXPECT_EQ(cause_of(verify(presented_for(9), trusting(parties.front()))),
            Cause::certificate_untrusted_root);
}

TEST(Verify, authorities_that_certify_each_other_are_no_endless_chain) {
  const Party a = make_party(authority("a"));
  const Party b = make_party(authority("b"));
  // a signed by b and b signed by a, each with its own key.
  const auto with_key = [](const Party& party) {
    EVP_PKEY_up_ref(party.key.get());
    return KeyPtr(party.key.get());
  };
  const Party a_by_b = make_party(authority("a"), &b, with_key(a));
  const Party b_by_a = make_party(authority("b"), &a, with_key(b));
  const Party leaf = make_party({}, &a);
  const Party stranger = make_party(authority("stranger"));
  EXPECT_EQ(cause_of(verify({leaf.der(), a_by_b.der(), b_by_a.der()}, trusting(stranger))),
            Cause::certificate_untrusted_root);
}

}  // namespace
}  // namespace schannel::pki
