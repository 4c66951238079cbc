#include <openschannel/schannel.h>

#include <algorithm>
#include <cstring>

#include "base/error_detail.h"
#include "schannel/attributes.h"

// SetContextAttributes (contract K.4). What is set stays with the context and is read by queries.
namespace schannel::package {
namespace {

SECURITY_STATUS refuse(const char* why) {
  set_error_detail(why);
  return SEC_E_INVALID_PARAMETER;
}

SECURITY_STATUS set(ContextSettings& settings, const SecPkgContext_SessionAppData& value) {
  // ATTR-45.
  if (value.cbAppData > kAppDataBytesMax || (value.pbAppData == nullptr && value.cbAppData != 0)) {
    return refuse("cbAppData is above 64 KiB, or pbAppData is NULL");
  }
  settings.app_data->set(value.cbAppData == 0 ? Buffer()
                                              : to_buffer(Bytes(value.pbAppData, value.cbAppData)));
  return SEC_E_OK;
}

SECURITY_STATUS set(ContextSettings& settings, const SecPkgContext_EapPrfInfo& value) {
  // ATTR-46. "key expansion" (3, for EAP-FAST) begins with the keys that protect the records: it
  // is not given out.
  DWORD id = 0;
  if (value.dwVersion != 0 || value.cbPrfData != sizeof id || value.pbPrfData == nullptr) {
    return refuse("EapPrfInfo needs dwVersion 0 and a DWORD at pbPrfData (ATTR-46)");
  }
  std::memcpy(&id, value.pbPrfData, sizeof id);
  if (id >= kEapPrfCount) return refuse("no such PRF, or that of EAP-FAST (ATTR-46)");
  settings.eap_prf = id;
  return SEC_E_OK;
}

SECURITY_STATUS set(ContextSettings&, const SecPkgContext_EarlyStart& value) {
  // ATTR-47: False Start (RFC 7918) would send data before the server's Finished has come, and an
  // SSPI client can't encrypt before SEC_E_OK. So it is allowed and never used.
  if ((value.dwEarlyStartFlags & ~DWORD{ENABLE_TLS_CLIENT_EARLY_START}) != 0) {
    return refuse("dwEarlyStartFlags has bits that mean nothing (ATTR-47)");
  }
  return SEC_E_OK;
}

SECURITY_STATUS set(ContextSettings& settings, const SecPkgContext_UiInfo& value) {
  settings.window = value.hParentWindow;  // kept for the caller: nothing here shows a window
  return SEC_E_OK;
}

/// RFC 5705 section 4: labels that TLS uses itself.
bool is_reserved(std::string_view label) {
  static constexpr std::string_view kReserved[] = {"client finished", "server finished",
                                                   "master secret", "extended master secret",
                                                   "key expansion"};
  return std::find(std::begin(kReserved), std::end(kReserved), label) != std::end(kReserved);
}

SECURITY_STATUS set(ContextSettings& settings, const SecPkgContext_KeyingMaterialInfo& value) {
  // ATTR-49: cbLabel counts the terminator, which is not part of the label.
  if (value.pszLabel == nullptr || value.cbLabel < 2 ||
      value.cbLabel > kExporterLabelBytesMax + 1 ||
      strnlen(value.pszLabel, value.cbLabel) != std::size_t{value.cbLabel} - 1) {
    return refuse("pszLabel must be a terminated text of cbLabel bytes with its terminator");
  }
  const std::string_view label(value.pszLabel, std::size_t{value.cbLabel} - 1);
  if (is_reserved(label)) return refuse("TLS uses this label itself (RFC 5705 section 4)");
  if ((value.cbContextValue == 0) != (value.pbContextValue == nullptr)) {
    return refuse("pbContextValue must be NULL exactly when cbContextValue is 0");
  }
  if (value.cbKeyingMaterial == 0 || value.cbKeyingMaterial > kExporterBytesMax) {
    return refuse("cbKeyingMaterial must be from 1 to 8160 bytes");
  }
  settings.keying_material = {
      .label = std::string(label),
      .context = value.cbContextValue == 0
                     ? Buffer()
                     : to_buffer(Bytes(value.pbContextValue, value.cbContextValue)),
      .bytes = value.cbKeyingMaterial};
  return SEC_E_OK;
}

template <class T>
SECURITY_STATUS set_as(Context& context, const void* value, std::size_t size) {
  if (value == nullptr || size != sizeof(T)) {
    return refuse("cbBuffer is not the size of the attribute's structure (ATTR-6)");
  }
  return set(context.settings(), *static_cast<const T*>(value));
}

}  // namespace

SECURITY_STATUS set_context(Context& context, ULONG attribute, const void* value,
                            std::size_t size) {
  switch (attribute) {
    case SECPKG_ATTR_APP_DATA:
      return set_as<SecPkgContext_SessionAppData>(context, value, size);
    case SECPKG_ATTR_EAP_PRF_INFO:
      return set_as<SecPkgContext_EapPrfInfo>(context, value, size);
    case SECPKG_ATTR_EARLY_START:
      return set_as<SecPkgContext_EarlyStart>(context, value, size);
    case SECPKG_ATTR_UI_INFO:
      return set_as<SecPkgContext_UiInfo>(context, value, size);
    case SECPKG_ATTR_KEYING_MATERIAL_INFO:
      return set_as<SecPkgContext_KeyingMaterialInfo>(context, value, size);
    default:
      set_error_detail("no such attribute can be set on a TLS context (ATTR-6)");
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

}  // namespace schannel::package
