#pragma once
#include <string>

#include "pki/import.h"

// One file of a store's directory, or one that a caller names.
namespace schannel::pki {

/// Adds what is in a file, of any kind that read_any() knows and without a password. A private key
/// that others can read (by the mode bits; a file of root's may be read by its group) is left out.
/// `trouble` says what was left out, or why nothing was read. ERROR_FILE_NOT_FOUND,
/// ERROR_PATH_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_READ_FAULT, CRYPT_E_BAD_ENCODE and the errors
/// of import_pem and import_pfx.
Answer<Done> read_certificate_file(Imported& out, const std::string& path, std::string& trouble);

/// All of a file, whatever is in it; the errors of files above.
Answer<Buffer> read_whole_file(const std::string& path);

/// Writes a certificate, with its key if it has one, as PEM, for us alone to read: whole or not at
/// all. ERROR_ACCESS_DENIED.
Answer<Done> write_certificate_file(const std::string& path, const DecodedCertificate& certificate,
                                    const Certificate::Properties& properties);

}  // namespace schannel::pki
