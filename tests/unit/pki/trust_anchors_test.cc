#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pki/verify.h"
#include "unit/pki/certificate_builder.h"

namespace schannel::pki {
namespace {

using testing::Chain;
using testing::make_chain;

/// A directory of its own, and the two variables as they were afterwards.
class SystemAnchors : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "anchors-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {
      const char* value = std::getenv(name);
      saved_[name] = value ? std::optional<std::string>(value) : std::nullopt;
    }
    point_to((directory_ / "roots.pem").string(), (directory_ / "none").string());
  }
  void TearDown() override {
    for (const auto& [name, value] : saved_) {
      if (value) {
        setenv(name.c_str(), value->c_str(), 1);
      } else {
        unsetenv(name.c_str());
      }
    }
    std::filesystem::remove_all(directory_);
  }

  static void point_to(const std::string& file, const std::string& directory) {
    setenv("SSL_CERT_FILE", file.c_str(), 1);
    setenv("SSL_CERT_DIR", directory.c_str(), 1);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }
  static bool trusts(const Chain& chain) {
    const auto anchors = TrustAnchors::system();
    EXPECT_TRUE(anchors);
    const std::vector<Buffer> presented = chain.presented();
    VerifyOptions options;
    options.now = testing::kNow;
    options.server_name = "leaf.example";
    return anchors && verify_chain({presented.begin(), presented.end()}, *anchors, options);
  }

  std::filesystem::path directory_;
  std::map<std::string, std::optional<std::string>> saved_;
};

TEST_F(SystemAnchors, missing_files_trust_nobody_and_are_no_error) {
  EXPECT_FALSE(trusts(make_chain()));
}

TEST_F(SystemAnchors, file_is_read_and_read_again_when_it_changes) {
  const Chain first = make_chain();
  const Chain second = make_chain();
  write("roots.pem", first.root.certificate_pem());
  EXPECT_TRUE(trusts(first));
  EXPECT_FALSE(trusts(second));
  write("roots.pem", first.root.certificate_pem() + second.root.certificate_pem());
  EXPECT_TRUE(trusts(first));
  EXPECT_TRUE(trusts(second));
  std::filesystem::remove(directory_ / "roots.pem");
  EXPECT_FALSE(trusts(first));
}

TEST_F(SystemAnchors, variable_that_changes_is_followed) {
  const Chain chain = make_chain();
  write("other.pem", chain.root.certificate_pem());
  EXPECT_FALSE(trusts(chain));
  point_to((directory_ / "other.pem").string(), (directory_ / "none").string());
  EXPECT_TRUE(trusts(chain));
}

TEST_F(SystemAnchors, directory_is_searched_by_the_hash_of_the_name) {
  const Chain chain = make_chain();
  char name[32];
  std::snprintf(name, sizeof(name), "%08lx.0",
                X509_NAME_hash_ex(X509_get_subject_name(chain.root.certificate.get()), nullptr,
                                  nullptr, nullptr));
  write(name, chain.root.certificate_pem());
  point_to((directory_ / "none.pem").string(),
           (directory_ / "none").string() + ":" + directory_.string());
  EXPECT_TRUE(trusts(chain));
}

TEST_F(SystemAnchors, intermediate_in_the_file_is_no_root) {
  const Chain chain = make_chain();
  write("roots.pem", chain.intermediate.certificate_pem());
  EXPECT_FALSE(trusts(chain));
}

TEST_F(SystemAnchors, garbage_in_the_file_trusts_nobody) {
  write("roots.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_FALSE(trusts(make_chain()));
}

TEST(TrustAnchorsOf, what_does_not_parse_is_an_error) {
  const auto anchors = TrustAnchors::of({Buffer{1, 2, 3}});
  ASSERT_FALSE(anchors);
  EXPECT_EQ(anchors.error().cause, Cause::certificate_malformed);
}

TEST(TrustAnchorsOf, same_certificate_twice_is_fine) {
  const Chain chain = make_chain();
  EXPECT_TRUE(TrustAnchors::of({chain.root.der(), chain.root.der()}));
}

}  // namespace
}  // namespace schannel::pki
