#pragma once
#include <span>

#include "schannel/context.h"

// The attributes of contexts, a file for each family; attributes.cc finds the row.
namespace schannel::package {

/// From when on an attribute can be queried (contract K.2). A row that is there earlier may still
/// have nothing to say yet.
enum class Available : std::uint8_t { with_the_context, when_established };

struct AttributeRow {
  ULONG attribute;    ///< SECPKG_ATTR_* or OPENSCHANNEL_ATTR_*
  std::size_t bytes;  ///< Size of its structure.
  Available available;
  /// Fills the structure at `out`; strings are wchar_t when `wide`.
  SECURITY_STATUS (*fill)(const Context& context, bool wide, void* out);
};
using AttributeRows = std::span<const AttributeRow>;

AttributeRows connection_attributes();   ///< What was negotiated.
AttributeRows certificate_attributes();  ///< Who the two sides are.
AttributeRows key_attributes();          ///< What follows from the keys: bindings, exporters.

/// A row for a function that fills a structure without strings.
template <class T, SECURITY_STATUS (*fill)(const Context&, T&)>
constexpr AttributeRow row_of(ULONG attribute, Available available) {
  return {attribute, sizeof(T), available, [](const Context& context, bool, void* out) {
            return fill(context, *static_cast<T*>(out));
          }};
}

}  // namespace schannel::package
