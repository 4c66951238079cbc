#include "schannel/attributes.h"

#include "schannel/attribute_rows.h"

namespace schannel::package {
namespace {

const AttributeRow* find_row(ULONG attribute) {
  for (const AttributeRows rows :
       {connection_attributes(), certificate_attributes(), key_attributes()}) {
    for (const AttributeRow& row : rows) {
      if (row.attribute == attribute) return &row;
    }
  }
  return nullptr;
}

}  // namespace

std::size_t context_attribute_bytes(ULONG attribute) {
  const AttributeRow* row = find_row(attribute);
  return row == nullptr ? 0 : row->bytes;
}

SECURITY_STATUS query_context(const Context& context, ULONG attribute, bool wide, void* out) {
  const AttributeRow* row = find_row(attribute);
  if (row == nullptr) return SEC_E_UNSUPPORTED_FUNCTION;
  if (row->available == Available::when_established && !context.is_established()) {
    return SEC_E_INVALID_HANDLE;  // ATTR-2
  }
  return row->fill(context, wide, out);
}

}  // namespace schannel::package
