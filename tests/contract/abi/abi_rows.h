/* Rows of the tables that generate.py writes and abi_test.cc reads. */
#pragma once

#include <stddef.h>
#include <wchar.h>

#ifdef __cplusplus
extern "C" {
#endif

struct AbiNumber {
  const char* name;
  unsigned long long actual; /* widened with its sign */
  unsigned long long wanted;
};

/* Exactly one of narrow and wide is set, and the same one of the wanted strings. */
struct AbiText {
  const char* name;
  const char* narrow;
  const wchar_t* wide;
  const char* wanted_narrow;
  const wchar_t* wanted_wide;
};

/* A member of a structure, or the structure itself with offset 0. Bytes. */
struct AbiField {
  const char* name;
  size_t offset;
  size_t size;
  size_t wanted_offset;
  size_t wanted_size;
};

extern const struct AbiNumber abi_c_numbers[], abi_cxx_numbers[];
extern const struct AbiText abi_c_texts[], abi_cxx_texts[];
extern const struct AbiField abi_c_fields[], abi_cxx_fields[];
extern const size_t abi_c_number_count, abi_cxx_number_count;
extern const size_t abi_c_text_count, abi_cxx_text_count;
extern const size_t abi_c_field_count, abi_cxx_field_count;

#ifdef __cplusplus
}
#endif
