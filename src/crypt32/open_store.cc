#include <strings.h>

#include <optional>
#include <string>

#include "crypt32/barrier.h"
#include "crypt32/password.h"
#include "pki/certificate_file.h"
#include "pki/collection.h"
#include "pki/references.h"
#include "pki/system_store.h"
#include "pki/text.h"

// Opening stores by provider (contract CERT-1 to CERT-7), and collections.
namespace schannel::crypt32 {
namespace {

using pki::Answer;
using pki::Done;
using pki::failed;

using StorePtr = std::shared_ptr<pki::Store>;

/// Up to here a provider is a number that stands where a name could be.
constexpr std::uintptr_t kProviderNumberMax = 0xFFFF;

/// The names mean the forms with wide strings, where there are two.
constexpr const char* kProviderNames[] = {
    sz_CERT_STORE_PROV_MEMORY,     sz_CERT_STORE_PROV_PKCS7,
    sz_CERT_STORE_PROV_SERIALIZED, sz_CERT_STORE_PROV_FILENAME_W,
    sz_CERT_STORE_PROV_SYSTEM_W,   sz_CERT_STORE_PROV_COLLECTION,
    sz_CERT_STORE_PROV_PKCS12,     sz_CERT_STORE_PROV_SYSTEM_REGISTRY_W};
constexpr std::uintptr_t kProviderNumbers[] = {2, 5, 6, 8, 10, 11, 17, 13};

/// The number of a provider; 0: there is none of that name.
std::uintptr_t provider_number(LPCSTR provider) {
  const auto number = reinterpret_cast<std::uintptr_t>(provider);
  if (number <= kProviderNumberMax) return number;
  for (std::size_t i = 0; i < std::size(kProviderNames); ++i) {
    if (strcasecmp(provider, kProviderNames[i]) == 0) return kProviderNumbers[i];
  }
  return 0;
}

bool exclude_each_other(DWORD flags) {
  const auto has = [flags](DWORD all) { return (flags & all) == all; };
  return has(CERT_STORE_CREATE_NEW_FLAG | CERT_STORE_OPEN_EXISTING_FLAG) ||
         has(CERT_STORE_READONLY_FLAG | CERT_STORE_DELETE_FLAG);
}

Answer<std::string> text_of(const void* parameter, bool wide) {
  if (!parameter) return failed(E_INVALIDARG, "pvPara must name what to open");
  if (!wide) return std::string(static_cast<LPCSTR>(parameter));
  std::optional<std::string> text = pki::to_utf8(static_cast<LPCWSTR>(parameter));
  if (!text) return failed(E_INVALIDARG, "pvPara holds what is no character");
  return *std::move(text);
}

Answer<pki::Location> location_of(DWORD flags) {
  switch (flags & CERT_SYSTEM_STORE_LOCATION_MASK) {
    case CERT_SYSTEM_STORE_CURRENT_USER:
      return pki::Location::user;
    case CERT_SYSTEM_STORE_LOCAL_MACHINE:
      return pki::Location::machine;
    default:
      return failed(E_INVALIDARG,
                    "the location must be CERT_SYSTEM_STORE_CURRENT_USER or _LOCAL_MACHINE");
  }
}

/// Null when the store was deleted.
Answer<StorePtr> open_system(DWORD flags, const void* parameter, bool wide) {
  if ((flags & CERT_SYSTEM_STORE_RELOCATE_FLAG) != 0) {
    return failed(ERROR_NOT_SUPPORTED, "there is no registry to relocate a system store to");
  }
  TRY(const std::string name, text_of(parameter, wide));
  TRY(const pki::Location location, location_of(flags));
  if ((flags & CERT_STORE_DELETE_FLAG) != 0) {
    CHECK_OK(pki::delete_system_store(name, location));
    return StorePtr();
  }
  return pki::open_system_store(name, location, flags);
}

Answer<StorePtr> filled(const pki::Imported& imported, DWORD flags) {
  StorePtr store = pki::Store::make(flags);
  for (const pki::Imported::Entry& entry : imported.entries) {
    store->append(entry.certificate, entry.properties);
  }
  return store;
}

/// Read once; what is added later stays in memory (CERT-3).
Answer<StorePtr> open_file(DWORD flags, const void* parameter, bool wide) {
  // The bit means something else to system stores: a location.
  if ((flags & CERT_FILE_STORE_COMMIT_ENABLE_FLAG) != 0) {
    if ((flags & CERT_STORE_READONLY_FLAG) != 0) {
      return failed(E_INVALIDARG, "flags exclude each other");  // CERT-6
    }
    return failed(ERROR_ACCESS_DENIED, "a file is opened to be read: there is no way back to it");
  }
  TRY(const std::string path, text_of(parameter, wide));
  pki::Imported imported;
  std::string trouble;
  CHECK_OK(pki::read_certificate_file(imported, path, trouble));
  pki::pair_keys(imported);
  Answer<StorePtr> store = filled(imported, flags);
  set_error_detail(trouble);
  return store;
}

Answer<StorePtr> open_encoded(std::uintptr_t provider, DWORD flags, const void* parameter) {
  const auto* blob = static_cast<const CRYPT_DATA_BLOB*>(parameter);
  if (!blob || !blob->pbData) return failed(E_INVALIDARG, "pvPara must be a CRYPT_DATA_BLOB");
  const Bytes content(blob->pbData, blob->cbData);
  pki::Imported imported;
  if (provider == reinterpret_cast<std::uintptr_t>(CERT_STORE_PROV_PKCS7)) {
    CHECK_OK(pki::read_pkcs7(imported, content));
  } else {
    TRY(imported, pki::read_pfx(content, std::nullopt));
    pki::pair_keys(imported);
  }
  return filled(imported, flags);
}

Answer<StorePtr> open(LPCSTR provider, DWORD flags, const void* parameter) {
  const std::uintptr_t number = provider_number(provider);
  switch (number) {
    case 2:  // CERT_STORE_PROV_MEMORY
      return pki::Store::make(flags);
    case 5:   // CERT_STORE_PROV_PKCS7
    case 17:  // CERT_STORE_PROV_PKCS12
      return open_encoded(number, flags, parameter);
    case 7:  // CERT_STORE_PROV_FILENAME_A
    case 8:  // CERT_STORE_PROV_FILENAME_W
      return open_file(flags, parameter, /*wide=*/number == 8);
    case 9:   // CERT_STORE_PROV_SYSTEM_A
    case 10:  // CERT_STORE_PROV_SYSTEM_W
    case 12:  // CERT_STORE_PROV_SYSTEM_REGISTRY_A
    case 13:  // CERT_STORE_PROV_SYSTEM_REGISTRY_W
      return open_system(flags, parameter, /*wide=*/number == 10 || number == 13);
    case 11:  // CERT_STORE_PROV_COLLECTION
      if (parameter) return failed(E_INVALIDARG, "a collection takes no pvPara");
      return StorePtr(pki::Collection::make(flags));
    default:
      return failed(ERROR_FILE_NOT_FOUND, "there is no such provider of stores here");
  }
}

template <class Char>
HCERTSTORE open_user_store(const Char* name) {
  constexpr bool kIsWide = sizeof(Char) != 1;
  return guarded<HCERTSTORE>(nullptr, [&]() -> Answer<HCERTSTORE> {
    TRY(const std::string text, text_of(name, kIsWide));
    TRY(const StorePtr store, pki::open_system_store(text, pki::Location::user, 0));
    return pki::give_handle(store);
  });
}

struct Membership {
  std::shared_ptr<pki::Collection> collection;
  StorePtr member;
};

Answer<Membership> membership(HCERTSTORE collection, HCERTSTORE member) {
  Membership out{std::dynamic_pointer_cast<pki::Collection>(pki::store_of(collection)),
                 pki::store_of(member)};
  if (!out.collection) return failed(E_INVALIDARG, "hCollectionStore is no open collection");
  if (!out.member) return failed(E_INVALIDARG, "hSiblingStore is no open store");
  return out;
}

}  // namespace
}  // namespace schannel::crypt32

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)

HCERTSTORE WINAPI CertOpenStore(LPCSTR lpszStoreProvider, DWORD /*dwEncodingType*/,
                                HCRYPTPROV_LEGACY /*hCryptProv*/, DWORD dwFlags,
                                const void* pvPara) {
  return guarded<HCERTSTORE>(nullptr, [&]() -> Answer<HCERTSTORE> {
    if (exclude_each_other(dwFlags)) return failed(E_INVALIDARG, "flags exclude each other");
    clear_error_detail();
    TRY(const StorePtr store, open(lpszStoreProvider, dwFlags, pvPara));
    if (!store) {
      SetLastError(0);  // CERT-5: how a deletion says that it is done
      return HCERTSTORE{};
    }
    return pki::give_handle(store);
  });
}

HCERTSTORE WINAPI CertOpenSystemStoreA(HCRYPTPROV_LEGACY /*hProv*/, LPCSTR szSubsystemProtocol) {
  return open_user_store(szSubsystemProtocol);
}

HCERTSTORE WINAPI CertOpenSystemStoreW(HCRYPTPROV_LEGACY /*hProv*/, LPCWSTR szSubsystemProtocol) {
  return open_user_store(szSubsystemProtocol);
}

BOOL WINAPI CertAddStoreToCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore,
                                     DWORD dwUpdateFlags, DWORD dwPriority) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(const Membership both, membership(hCollectionStore, hSiblingStore));
    const bool takes_additions = (dwUpdateFlags & CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG) != 0;
    CHECK_OK(both.collection->join(both.member, takes_additions, dwPriority));
    return TRUE;
  });
}

void WINAPI CertRemoveStoreFromCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore) {
  static_cast<void>(guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(const Membership both, membership(hCollectionStore, hSiblingStore));
    both.collection->leave(*both.member);
    return TRUE;
  }));
}
