#include "pki/chain.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/limits.h"
#include "unit/pki/certificate_builder.h"

namespace schannel::pki {
namespace {

using testing::authority;
using testing::kNow;
using testing::make_party;
using testing::Party;
using testing::Recipe;

KeyPtr same_key(const Party& party) {
  EVP_PKEY_up_ref(party.key.get());
  return KeyPtr(party.key.get());
}

TrustAnchors trusting(const Party& root) {
  auto anchors = TrustAnchors::of({root.der()});
  EXPECT_TRUE(anchors);
  return *anchors;
}

struct Asked {
  std::vector<const Party*> candidates;
  std::vector<const char*> policies;
};

std::shared_ptr<const JudgedChain> build(const Party& leaf, const TrustAnchors& anchors,
                                         const Asked& asked) {
  ChainRequest request;
  request.leaf = share(leaf.certificate.get());
  for (const Party* party : asked.candidates) {
    request.candidates.push_back(share(party->certificate.get()));
  }
  for (const char* policy : asked.policies) request.policies.emplace_back(OBJ_txt2obj(policy, 1));
  request.anchors = &anchors;
  request.certificate_time = request.now = kNow;
  return build_chain(request);
}

TEST(Chain, every_path_is_tried_until_one_is_good) {
  const Party root = make_party(authority("root"));
  const Party stranger = make_party(authority("stranger"));
  const Party good = make_party(authority("crossed"), &root);
  const Party wrong = make_party(authority("crossed"), &stranger, same_key(good));
  const Party leaf = make_party({}, &good);
  for (const Asked& asked : {Asked{{&wrong, &good, &stranger}, {}}, Asked{{&good, &wrong}, {}}}) {
    const auto chain = build(leaf, trusting(root), asked);
    EXPECT_EQ(chain->errors, 0U);
    ASSERT_EQ(chain->elements.size(), 3U);
    EXPECT_EQ(X509_cmp(chain->elements[1].certificate.get(), good.certificate.get()), 0);
  }
}

TEST(Chain, a_constraint_that_one_path_breaks_is_no_matter_on_another) {
  const Party root = make_party(authority("root"));
  Recipe narrow = authority("middle");
  narrow.name_constraints = "critical,permitted;DNS:allowed.example";
  const Party limited = make_party(narrow, &root);
  const Party free = make_party(authority("middle"), &root, same_key(limited));
  const Party leaf = make_party({}, &limited);
  EXPECT_EQ(build(leaf, trusting(root), {{&limited}, {}})->errors,
            static_cast<DWORD>(CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT));
  EXPECT_EQ(build(leaf, trusting(root), {{&limited, &free}, {}})->errors, 0U);
}

TEST(Chain, a_trusted_root_is_preferred_to_a_longer_way) {
  const Party root = make_party(authority("root"));
  const Party other = make_party(authority("other"));
  const Party crossed = make_party(authority("root"), &other, same_key(root));
  const Party leaf = make_party({}, &root);
  const auto both = TrustAnchors::of({other.der(), root.der()});
  ASSERT_TRUE(both);
  EXPECT_EQ(build(leaf, *both, {{&crossed}, {}})->elements.size(), 2U);
  EXPECT_EQ(build(leaf, trusting(other), {{&crossed}, {}})->elements.size(), 3U);
}

TEST(Chain, authorities_that_certify_each_other_are_cyclic) {
  const Party a = make_party(authority("a"));
  const Party b = make_party(authority("b"));
  const Party a_by_b = make_party(authority("a"), &b, same_key(a));
  const Party b_by_a = make_party(authority("b"), &a, same_key(b));
  const Party leaf = make_party({}, &a);
  const Party stranger = make_party(authority("stranger"));
  EXPECT_EQ(build(leaf, trusting(stranger), {{&a_by_b, &b_by_a}, {}})->errors,
            static_cast<DWORD>(CERT_TRUST_IS_CYCLIC | CERT_TRUST_IS_PARTIAL_CHAIN));
}

// Without limits the paths below would be more than anybody can walk: kChainPathCountMax,
// kChainStepCountMax and kChainNamesakeCheckCountMax end the search.
TEST(Chain, a_thicket_of_authorities_costs_no_more_than_the_limits) {
  const Party a = make_party(authority("a"));
  const Party b = make_party(authority("b"));
  std::vector<Party> copies;
  for (int i = 0; i < 40; ++i) {
    copies.push_back(make_party(authority("a"), &b, same_key(a)));
    copies.push_back(make_party(authority("b"), &a, same_key(b)));
  }
  Asked asked;
  for (const Party& copy : copies) asked.candidates.push_back(&copy);
  const Party leaf = make_party({}, &a);
  const Party stranger = make_party(authority("stranger"));
  const auto chain = build(leaf, trusting(stranger), asked);
  EXPECT_EQ(chain->errors, static_cast<DWORD>(CERT_TRUST_IS_PARTIAL_CHAIN));
  EXPECT_EQ(chain->elements.size(), kChainCertificateCountMax);
}

TEST(Chain, policies) {
  Recipe middle = authority("middle");
  middle.other_extension = "certificatePolicies=1.2.3.4";
  const Party root = make_party(authority("root"));
  const Party one = make_party(middle, &root);
  Recipe recipe;
  recipe.other_extension = "certificatePolicies=1.2.3.4";
  const Party leaf = make_party(recipe, &one);
  const TrustAnchors anchors = trusting(root);
  const auto no_policy = static_cast<DWORD>(CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY);
  EXPECT_EQ(build(leaf, anchors, {{&one}, {}})->errors, 0U);
  EXPECT_EQ(build(leaf, anchors, {{&one}, {"1.2.3.4"}})->errors, 0U);
  EXPECT_EQ(build(leaf, anchors, {{&one}, {"1.2.3.5", "1.2.3.4"}})->errors, 0U);
  EXPECT_EQ(build(leaf, anchors, {{&one}, {"1.2.3.5"}})->errors, no_policy);

  // An authority may demand that there is a policy.
  Recipe strict = authority("strict");
  strict.other_extension = "policyConstraints=critical,requireExplicitPolicy:0";
  const Party demanding = make_party(strict, &root);
  const Party plain = make_party({}, &demanding);
  EXPECT_EQ(build(plain, anchors, {{&demanding}, {}})->errors, no_policy);
  // One that only says how policies may be mapped demands nothing.
  Recipe mild = authority("mild");
  mild.other_extension = "policyConstraints=critical,inhibitPolicyMapping:0";
  const Party lenient = make_party(mild, &root);
  const Party under = make_party({}, &lenient);
  EXPECT_EQ(build(under, anchors, {{&lenient}, {}})->errors, 0U);
  EXPECT_EQ(build(under, anchors, {{&lenient}, {"1.2.3.4"}})->errors, no_policy);
}

TEST(Chain, each_finding_is_that_of_its_element) {
  Recipe recipe;
  recipe.other_extension = "1.2.3.4.5=critical,DER:0500";
  Recipe middle = authority("middle");
  middle.not_after = kNow - 1;
  const Party root = make_party(authority("root"));
  const Party one = make_party(middle, &root);
  const Party leaf = make_party(recipe, &one);
  const auto chain = build(leaf, trusting(root), {{&one}, {}});
  ASSERT_EQ(chain->elements.size(), 3U);
  EXPECT_EQ(chain->elements[0].errors,
            static_cast<DWORD>(CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT));
  EXPECT_EQ(chain->elements[1].errors, static_cast<DWORD>(CERT_TRUST_IS_NOT_TIME_VALID));
  EXPECT_EQ(chain->elements[2].errors, 0U);
  EXPECT_EQ(chain->errors, chain->elements[0].errors | chain->elements[1].errors);
  EXPECT_EQ(chain->first_with(CERT_TRUST_IS_NOT_TIME_VALID), 1U);
}

TEST(Chain, dates_count_at_the_end_of_an_incomplete_chain_too) {
  Recipe recipe;
  recipe.not_after = kNow - 1;
  const Party root = make_party(authority("root"));
  const Party leaf = make_party(recipe, &root);
  const Party stranger = make_party(authority("stranger"));
  EXPECT_EQ(build(leaf, trusting(stranger), {})->errors,
            static_cast<DWORD>(CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_NOT_TIME_VALID));
}

}  // namespace
}  // namespace schannel::pki
