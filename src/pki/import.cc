#include "pki/import.h"

#include <algorithm>

namespace schannel::pki {

std::size_t pair_keys(Imported& imported) {
  std::size_t without_certificate = 0;
  auto free_entries = imported.entries.begin();
  for (const crypto::PrivateKey& key : imported.keys) {
    const auto fitting =
        std::find_if(free_entries, imported.entries.end(), [&key](const Imported::Entry& entry) {
          return key.matches_certificate(entry.certificate->der());
        });
    if (fitting == imported.entries.end()) {
      ++without_certificate;
      continue;
    }
    fitting->properties.key = key;
    std::rotate(free_entries, fitting, fitting + 1);
    ++free_entries;
  }
  return without_certificate;
}

std::shared_ptr<Store> store_from(const Imported& imported) {
  std::shared_ptr<Store> store = Store::make();
  for (const Imported::Entry& entry : imported.entries) {
    store->append(entry.certificate, entry.properties);
  }
  return store;
}

}  // namespace schannel::pki
