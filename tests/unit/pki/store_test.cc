#include "pki/store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "pki/find.h"
#include "pki/identity.h"
#include "pki/references.h"
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

using Decoded = std::shared_ptr<const DecodedCertificate>;

Decoded decoded_of(const Party& party) { return DecodedCertificate::decode(party.der()); }

Certificate::Properties with_key(const Party& party) {
  auto key = crypto::PrivateKey::adopt(party.key.get());
  EXPECT_TRUE(key);
  return {{}, *key};
}

std::size_t count_in(const Store& store) {
  std::size_t count = 0;
  std::uint64_t position = 0;
  while (const auto certificate = store.next(position)) {
    ++count;
    position = certificate->position();
  }
  return count;
}

DWORD code_of(const Answer<std::shared_ptr<Certificate>>& answer) {
  return answer ? 0 : answer.error().code;
}

constexpr auto kExists = static_cast<DWORD>(CRYPT_E_EXISTS);

TEST(Store, dispositions_for_a_certificate_that_is_there) {
  const Party party = make_party({});
  const Decoded decoded = decoded_of(party);
  const auto store = Store::make();
  const auto first =
      store->add(decoded, {{{CERT_DESCRIPTION_PROP_ID, {1}}}, {}}, CERT_STORE_ADD_NEW);
  ASSERT_TRUE(first);

  EXPECT_EQ(code_of(store->add(decoded, {}, CERT_STORE_ADD_NEW)), kExists);
  EXPECT_EQ(code_of(store->add(decoded, {}, CERT_STORE_ADD_NEWER)), kExists);
  EXPECT_EQ(code_of(store->add(decoded, {}, CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES)), kExists);
  EXPECT_EQ(count_in(*store), 1U);

  auto more = with_key(party);
  more.values[CERT_DESCRIPTION_PROP_ID] = {2};
  more.values[CERT_FRIENDLY_NAME_PROP_ID] = {3};
  const auto kept = store->add(decoded, more, CERT_STORE_ADD_USE_EXISTING);
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, *first);
  EXPECT_EQ((*kept)->property(CERT_DESCRIPTION_PROP_ID), Buffer{1});
  EXPECT_EQ((*kept)->property(CERT_FRIENDLY_NAME_PROP_ID), Buffer{3});
  EXPECT_TRUE((*kept)->key());

  const auto inheriting =
      store->add(decoded, {}, CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES);
  ASSERT_TRUE(inheriting);
  EXPECT_NE(*inheriting, *first);
  EXPECT_EQ((*inheriting)->property(CERT_DESCRIPTION_PROP_ID), Buffer{1});
  EXPECT_TRUE((*inheriting)->key());

  const auto replacing = store->add(decoded, {}, CERT_STORE_ADD_REPLACE_EXISTING);
  ASSERT_TRUE(replacing);
  EXPECT_FALSE((*replacing)->property(CERT_DESCRIPTION_PROP_ID));
  EXPECT_FALSE((*replacing)->key());
  EXPECT_EQ(count_in(*store), 1U);

  EXPECT_TRUE(store->add(decoded, {}, CERT_STORE_ADD_ALWAYS));
  EXPECT_EQ(count_in(*store), 2U);
  for (const DWORD unknown : {0U, 8U, 0xFFFFFFFFU}) {
    EXPECT_EQ(code_of(store->add(decoded, {}, unknown)), static_cast<DWORD>(E_INVALIDARG));
  }
}

TEST(Store, newer_compares_the_dates_of_one_serial_number) {
  const Party root = make_party(authority("root"));
  Recipe recipe;
  recipe.serial = 7;
  const Party old_one = make_party(recipe, &root);
  recipe.not_before = kNow - kDay / 2;
  const Party new_one = make_party(recipe, &root);
  const auto store = Store::make();
  auto properties = with_key(old_one);
  properties.values[CERT_DESCRIPTION_PROP_ID] = {1};
  ASSERT_TRUE(store->add(decoded_of(old_one), properties, CERT_STORE_ADD_NEW));
  const auto newer = store->add(decoded_of(new_one), {}, CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES);
  ASSERT_TRUE(newer);
  EXPECT_EQ(count_in(*store), 1U);
  EXPECT_EQ((*newer)->property(CERT_DESCRIPTION_PROP_ID), Buffer{1});
  EXPECT_FALSE((*newer)->key()) << "the key of another public key was inherited";
  EXPECT_EQ(code_of(store->add(decoded_of(old_one), {}, CERT_STORE_ADD_NEWER)), kExists);
}

TEST(Store, read_only_and_archived) {
  const Decoded decoded = decoded_of(make_party({}));
  const auto read_only = Store::make(CERT_STORE_READONLY_FLAG);
  EXPECT_EQ(code_of(read_only->add(decoded, {}, CERT_STORE_ADD_ALWAYS)),
            static_cast<DWORD>(E_ACCESSDENIED));
  const auto member = read_only->append(decoded, {});
  EXPECT_FALSE(read_only->remove(*member));
  EXPECT_EQ(count_in(*read_only), 1U);

  for (const DWORD flags : {DWORD{0}, DWORD{CERT_STORE_ENUM_ARCHIVED_FLAG}}) {
    const auto store = Store::make(flags);
    store->append(decoded, {})->set_property(CERT_ARCHIVED_PROP_ID, {});
    store->append(decoded, {});
    EXPECT_EQ(count_in(*store), flags == 0 ? 1U : 2U);
  }
}

TEST(Store, removed_certificate_is_a_place_to_go_on_from) {
  const auto store = Store::make();
  std::vector<std::shared_ptr<Certificate>> members;
  for (int i = 0; i < 3; ++i) members.push_back(store->append(decoded_of(make_party({})), {}));
  ASSERT_TRUE(store->remove(*members[1]));
  ASSERT_TRUE(store->remove(*members[1]));
  EXPECT_EQ(store->next(members[1]->position()), members[2]);
  EXPECT_EQ(count_in(*store), 2U);
}

TEST(References, context_lives_as_long_as_somebody_has_it) {
  const PCCERT_CONTEXT context =
      give_reference(std::make_shared<Certificate>(decoded_of(make_party({})), nullptr, 0,
                                                   Certificate::Properties()),
                     nullptr);
  EXPECT_TRUE(is_live(context));
  EXPECT_EQ(add_reference(context), context);
  release(context);
  EXPECT_TRUE(is_live(context));
  release(context);
  EXPECT_FALSE(is_live(context));
  release(context);  // once too often is harmless
  EXPECT_EQ(add_reference(context), nullptr);
}

TEST(References, store_lives_as_long_as_a_handle_or_a_context) {
  auto store = Store::make();
  store->append(decoded_of(make_party({})), {});
  const std::weak_ptr<Store> watched = store;
  const HCERTSTORE handle = give_handle(store);
  const PCCERT_CONTEXT context = give_reference(store->next(0), store);
  store.reset();
  EXPECT_TRUE(is_live_store(handle));
  EXPECT_EQ(context->hCertStore, handle);
  EXPECT_EQ(take_back_handle(handle), Closed::last_handle);
  EXPECT_EQ(take_back_handle(handle), Closed::not_open);
  EXPECT_TRUE(is_live_store(handle)) << "the context still names it";
  EXPECT_EQ(certificates_of(handle).size(), 1U);
  release(context);
  EXPECT_FALSE(is_live_store(handle));
  EXPECT_TRUE(watched.expired());
  EXPECT_TRUE(certificates_of(handle).empty());
}

TEST(References, foreign_pointers_are_not_live) {
  CERT_CONTEXT zeroed{};
  EXPECT_FALSE(is_live(nullptr));
  EXPECT_FALSE(is_live(&zeroed));
  EXPECT_FALSE(is_live_store(nullptr));
  EXPECT_FALSE(is_live_store(&zeroed));
  release(&zeroed);
  release(nullptr);
  EXPECT_EQ(identity_of(&zeroed, false).error().cause, Cause::no_usable_certificate);
}

TEST(References, handles_never_come_back) {
  HCERTSTORE last = nullptr;
  for (int i = 0; i < 100; ++i) {
    const HCERTSTORE handle = give_handle(Store::make());
    EXPECT_NE(handle, last);
    EXPECT_EQ(take_back_handle(handle), Closed::last_handle);
    EXPECT_FALSE(is_live_store(handle));
    last = handle;
  }
}

TEST(ChainContext, leaf_shares_its_encoding_with_the_first_of_the_store) {
  const Chain chain = make_chain();
  const std::vector<Buffer> sent{chain.leaf.der(), chain.root.der(), chain.intermediate.der()};
  const auto context = make_chain_context(sent);
  ASSERT_TRUE(context);
  EXPECT_EQ(certificates_of((*context)->hCertStore), sent);
  const auto store = store_of((*context)->hCertStore);
  EXPECT_EQ(store->next(0)->context()->pbCertEncoded, (*context)->pbCertEncoded);
  release(*context);
}

TEST(ChainContext, what_does_not_parse_is_malformed) {
  EXPECT_EQ(make_chain_context({}).error().cause, Cause::certificate_malformed);
  EXPECT_EQ(make_chain_context({Buffer{1}}).error().cause, Cause::certificate_malformed);
  EXPECT_EQ(make_chain_context({make_party({}).der(), Buffer{1}}).error().cause,
            Cause::certificate_malformed);
}

TEST(Identity, needs_a_key) {
  const Chain chain = make_chain();
  const auto context = make_chain_context(chain.presented());
  ASSERT_TRUE(context);
  EXPECT_EQ(identity_of(*context, false).error().cause, Cause::no_usable_certificate);
  release(*context);
}

TEST(Identity, chain_has_only_issuers_in_order_whatever_else_is_in_the_store) {
  // Without the identifier only the signature tells the issuer from a namesake with another key.
  Recipe recipe;
  recipe.authority_key_id = false;
  const Chain chain = make_chain(recipe);
  const Party stranger = make_party(authority("stranger"));
  const Party namesake = make_party(authority("intermediate"), &chain.root);  // other key
  const auto store = Store::make();
  for (const Party* party : {&stranger, &chain.root, &namesake}) {
    store->append(decoded_of(*party), {});
  }
  const auto leaf = store->append(decoded_of(chain.leaf), with_key(chain.leaf));
  store->append(decoded_of(chain.intermediate), {});
  const PCCERT_CONTEXT context = give_reference(leaf, store);
  const auto identity = identity_of(context, true);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->chain,
            (std::vector<Buffer>{chain.leaf.der(), chain.intermediate.der(), chain.root.der()}));
  EXPECT_EQ(identity->not_after.dwHighDateTime, not_after_of(chain.leaf.der()).dwHighDateTime);
  release(context);
}

TEST(Identity, self_signed_leaf_is_sent_although_it_is_a_root) {
  const Party leaf = make_party({});
  const auto store = Store::make();
  const PCCERT_CONTEXT context =
      give_reference(store->append(decoded_of(leaf), with_key(leaf)), store);
  const auto identity = identity_of(context, false);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->chain, std::vector<Buffer>{leaf.der()});
  release(context);
}

TEST(Identity, texts_and_dates_of_a_certificate) {
  const Chain chain = make_chain();
  EXPECT_EQ(subject_text(chain.leaf.der()), "CN=leaf.example");
  EXPECT_EQ(issuer_text(chain.leaf.der()), "CN=intermediate");
  EXPECT_EQ(subject_text(as_bytes("no certificate")), "");
  // 2023-12-14 22:13:20 UTC, counted in 100 ns since 1601.
  const FILETIME not_after = not_after_of(chain.leaf.der());
  const std::uint64_t ticks =
      std::uint64_t{not_after.dwHighDateTime} << 32 | not_after.dwLowDateTime;
  EXPECT_EQ(ticks, (11'644'473'600ULL + kNow + 30 * kDay) * 10'000'000ULL);
  const FILETIME never = not_after_of({});
  EXPECT_EQ(never.dwHighDateTime, 0x7FFFFFFFU);
  EXPECT_EQ(never.dwLowDateTime, 0xFFFFFFFFU);
}

TEST(Find, issuer_of) {
  const Chain chain = make_chain();
  const auto store = Store::make();
  const auto leaf = store->append(decoded_of(chain.leaf), {});
  const auto intermediate = store->append(decoded_of(chain.intermediate), {});
  const auto root = store->append(decoded_of(chain.root), {});
  const PCCERT_CONTEXT context = give_reference(leaf, store);
  const auto found = find_certificate(*store, 0, CERT_FIND_ISSUER_OF, 0, context);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, intermediate);
  EXPECT_EQ(
      code_of(find_certificate(*store, (*found)->position(), CERT_FIND_ISSUER_OF, 0, context)),
      static_cast<DWORD>(CRYPT_E_NOT_FOUND));
  release(context);
  EXPECT_EQ(code_of(find_certificate(*store, 0, CERT_FIND_ISSUER_OF, 0, context)),
            static_cast<DWORD>(E_INVALIDARG));
}

// Four threads take, give back, close, read and delete the same few objects. What it shows, it
// shows under the sanitizers.
TEST(References, torture) {
  std::vector<Decoded> decoded;
  for (int i = 0; i < 4; ++i) decoded.push_back(decoded_of(make_party({})));
  const auto shared = Store::make();
  for (const Decoded& one : decoded) shared->append(one, {});
  const HCERTSTORE shared_handle = give_handle(shared);

  std::atomic<unsigned> seen{0};
  const auto work = [&](unsigned seed) {
    std::mt19937 random(seed);
    std::vector<PCCERT_CONTEXT> held;
    for (int i = 0; i < 2000; ++i) {
      const Decoded& one = decoded[random() % decoded.size()];
      switch (random() % 7) {
        case 0:
          if (const auto store = store_of(shared_handle)) {
            if (auto certificate = store->next(random() % 4)) {
              held.push_back(give_reference(certificate, store));
            }
          }
          break;
        case 1:
          if (!held.empty()) {
            release(held.back());
            held.pop_back();
          }
          break;
        case 2:
          if (!held.empty()) {
            const Held found = held_by(held.front());
            ASSERT_TRUE(found);
            seen += static_cast<unsigned>(found.certificate->decoded().der().size());
            found.certificate->set_property(CERT_DESCRIPTION_PROP_ID, {1, 2, 3});
          }
          break;
        case 3: {
          const auto own = Store::make();
          const HCERTSTORE handle = give_handle(own);
          held.push_back(give_reference(own->append(one, {}), own));
          EXPECT_EQ(take_back_handle(handle), Closed::last_handle);
          break;
        }
        case 4:
          if (const auto added = shared->add(one, {}, CERT_STORE_ADD_REPLACE_EXISTING)) {
            seen += (*added)->position() != 0;
          }
          break;
        case 5:
          if (const auto certificate = shared->next(0)) {
            EXPECT_TRUE(shared->remove(*certificate));
          }
          break;
        default:
          if (!held.empty()) held.push_back(add_reference(held[random() % held.size()]));
      }
    }
    for (const PCCERT_CONTEXT context : held) release(context);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(seen, 0U);
  EXPECT_FALSE(has_references(shared.get()));
  EXPECT_EQ(take_back_handle(shared_handle), Closed::last_handle);
}

}  // namespace
}  // namespace schannel::pki
