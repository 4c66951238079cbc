#pragma once
#include <string>
#include <vector>

#include "pki/owned.h"
#include "pki/store.h"

// The system stores of Windows (MY, ROOT, CA and others) as directories of files; docs/stores.md.
namespace schannel::pki {

enum class Location : std::uint8_t { user, machine };

/// Opens a store by name, in either case, as CertOpenStore with CERT_STORE_PROV_SYSTEM does:
/// E_INVALIDARG (a name with other characters than letters, digits, space, '-', '_', '.'),
/// ERROR_FILE_NOT_FOUND (OPEN_EXISTING and no directory), ERROR_FILE_EXISTS (CREATE_NEW and one),
/// ERROR_ACCESS_DENIED (a directory that others can write, or that can't be read).
///
/// ROOT and CA also show the distribution's trust bundle; of the user's location those two show the
/// machine's as well. What could not be read is passed over and told in the error detail.
Answer<std::shared_ptr<Store>> open_system_store(std::string_view name, Location location,
                                                 DWORD flags);
/// Deletes the files of a store, and its directory (CERT_STORE_DELETE_FLAG); errors as above.
Answer<Done> delete_system_store(std::string_view name, Location location);

/// Where a store's files are; empty when there is no home directory to be found.
std::string system_store_path(std::string_view name, Location location);

/// Changes when the directories of a store, user's and machine's, do.
std::string system_store_state(std::string_view name);
/// The certificates in the files of a store, user's and machine's, without the distribution's. Kept
/// until system_store_state changes.
std::vector<std::shared_ptr<const DecodedCertificate>> certificates_in_system_store(
    std::string_view name);

}  // namespace schannel::pki
