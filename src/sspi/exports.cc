#include <openschannel/extensions.h>
#include <openschannel/sspi.h>

#include "schannel/package.h"
#include "schannel/packed_context.h"
#include "schannel/provider.h"
#include "sspi/barrier.h"
#include "sspi/text.h"

// A context on its way to another process. The contract is in <openschannel/sspi.h>, and for keys
// of the caller's in <openschannel/extensions.h>.
namespace {

using namespace schannel;  // NOLINT(google-build-using-namespace): this file is one layer's face
using sspi::answer;

template <class Char>
SECURITY_STATUS import_packed(const Char* package_name, const SecBuffer* packed,
                              CtxtHandle* context) {
  return answer([&] {
    std::string name;
    if (package_name == nullptr || !sspi::to_utf8(package_name, name) ||
        !package::is_package_name(name)) {
      set_error_detail("no such security package; use UNISP_NAME (CRED-2)");
      return SEC_E_SECPKG_NOT_FOUND;
    }
    return package::import_security_context(packed, {}, context);
  });
}

bool is_key(const BYTE* key, DWORD size) {
  if (key != nullptr && size >= package::kExportKeyBytesMin) return true;
  set_error_detail("the key must have at least 32 bytes");
  return false;
}

}  // namespace

extern "C" {

SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                PSecBuffer pPackedContext, void** pToken) {
  if (pToken != nullptr) *pToken = nullptr;
  return answer(
      [&] { return package::export_security_context(phContext, fFlags, {}, pPackedContext); });
}

SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(const SEC_CHAR* pszPackage,
                                                 PSecBuffer pPackedContext, void*,
                                                 PCtxtHandle phContext) {
  return import_packed(pszPackage, pPackedContext, phContext);
}

SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(const SEC_WCHAR* pszPackage,
                                                 PSecBuffer pPackedContext, void*,
                                                 PCtxtHandle phContext) {
  return import_packed(pszPackage, pPackedContext, phContext);
}

SECURITY_STATUS SEC_ENTRY OpenSchannelExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                            const BYTE* pbKey, DWORD cbKey,
                                                            PSecBuffer pPackedContext) {
  return answer([&] {
    if (!is_key(pbKey, cbKey)) return SEC_E_INVALID_PARAMETER;
    return package::export_security_context(phContext, fFlags, Bytes(pbKey, cbKey), pPackedContext);
  });
}

SECURITY_STATUS SEC_ENTRY OpenSchannelImportSecurityContext(const BYTE* pbKey, DWORD cbKey,
                                                            PSecBuffer pPackedContext,
                                                            PCtxtHandle phContext) {
  return answer([&] {
    if (!is_key(pbKey, cbKey)) return SEC_E_INVALID_PARAMETER;
    return package::import_security_context(pPackedContext, Bytes(pbKey, cbKey), phContext);
  });
}

}  // extern "C"
