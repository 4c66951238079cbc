// Compares every constant, structure and field of the Windows tables (generate.py) with our
// headers, as a C11 and as a C++17 program see them. Most of it was already checked by the
// compiler; what is left for run time is strings, identifiers that are pointers, and proof that the
// tables were not empty.

#include <cstdio>
#include <cstring>
#include <cwchar>

#include <gtest/gtest.h>

#include "abi_rows.h"

namespace {

// What the tables hold today: rows may be added, but losing one must not go unseen.
constexpr std::size_t kNumbersMin = 2057;
constexpr std::size_t kTextsMin = 636;
constexpr std::size_t kFieldsMin = 1285;

struct Tables {
  const char* language;
  const AbiNumber* numbers;
  std::size_t number_count;
  const AbiText* texts;
  std::size_t text_count;
  const AbiField* fields;
  std::size_t field_count;
};

void PrintTo(const Tables& tables, std::ostream* out) { *out << tables.language; }

bool is_same_number(unsigned long long actual, unsigned long long wanted) {
  if (actual == wanted) return true;
  const bool is_negative_status = wanted >= 0x80000000ULL && wanted <= 0xFFFFFFFFULL;
  return is_negative_status && actual == (0xFFFFFFFF00000000ULL | wanted);
}

class Abi : public testing::TestWithParam<Tables> {};

TEST_P(Abi, constants_have_the_values_of_windows) {
  const Tables& tables = GetParam();
  for (std::size_t i = 0; i < tables.number_count; ++i) {
    const AbiNumber& row = tables.numbers[i];
    EXPECT_TRUE(is_same_number(row.actual, row.wanted))
        << row.name << " is 0x" << std::hex << row.actual << ", on Windows 0x" << row.wanted;
  }
  std::printf("%s: compared %zu constants\n", tables.language, tables.number_count);
  EXPECT_GE(tables.number_count, kNumbersMin);
}

TEST_P(Abi, strings_have_the_text_of_windows) {
  const Tables& tables = GetParam();
  for (std::size_t i = 0; i < tables.text_count; ++i) {
    const AbiText& row = tables.texts[i];
    if (row.wanted_narrow != nullptr) {
      EXPECT_STREQ(row.narrow, row.wanted_narrow) << row.name;
    } else {
      EXPECT_STREQ(row.wide, row.wanted_wide) << row.name;
    }
  }
  std::printf("%s: compared %zu strings\n", tables.language, tables.text_count);
  EXPECT_GE(tables.text_count, kTextsMin);
}

TEST_P(Abi, structures_have_the_layout_of_windows) {
  const Tables& tables = GetParam();
  for (std::size_t i = 0; i < tables.field_count; ++i) {
    const AbiField& row = tables.fields[i];
    EXPECT_EQ(row.offset, row.wanted_offset) << row.name;
    EXPECT_EQ(row.size, row.wanted_size) << row.name;
  }
  std::printf("%s: compared %zu structures and fields\n", tables.language, tables.field_count);
  EXPECT_GE(tables.field_count, kFieldsMin);
}

INSTANTIATE_TEST_SUITE_P(as_c11, Abi,
                         testing::Values(Tables{"C11", abi_c_numbers, abi_c_number_count,
                                                abi_c_texts, abi_c_text_count, abi_c_fields,
                                                abi_c_field_count}));
INSTANTIATE_TEST_SUITE_P(as_cxx17, Abi,
                         testing::Values(Tables{"C++17", abi_cxx_numbers, abi_cxx_number_count,
                                                abi_cxx_texts, abi_cxx_text_count, abi_cxx_fields,
                                                abi_cxx_field_count}));

}  // namespace
