#!/usr/bin/env python3
"""Turns the tables of Windows facts into code that compares our public headers with them.

Input, beside this file:
  constants.tsv  name, value
  structs.tsv    structure, field, offset, size; field "-" gives size and alignment of the whole
Both are what programs printed that were compiled for 64-bit Windows against mingw-w64's headers.

Output: one source file for C11 or C++17 with a static assertion for every number, size and offset,
and tables of the same comparisons for abi_test.cc, which can also compare what is no constant
expression (strings and identifiers that are pointers) and counts everything.

A row is compared unless a rule below leaves it out. What is left out has no place in a TLS package:
rules, not lists of names, so that a new row is compared until somebody says why not.
"""
import argparse
import re

# (regular expression on the name, why the rows are not in our headers)
LEFT_OUT_CONSTANTS = [
    (r'^(BCRYPT|NCRYPT)_', 'CNG: other libraries of Windows'),
    (r'^CMSG_|^CRYPT_MESSAGE_', 'signed and enveloped messages'),
    (r'^(KERB|KERBEROS)_|^MICROSOFT_KERBEROS', 'the Kerberos package'),
    (r'^TRUST_(ATTRIBUTE|AUTH_TYPE|DIRECTION|TYPE)', 'trust between Windows domains'),
    (r'^SECURITY_(?!NATIVE_DREP|NETWORK_DREP|ENTRYPOINT|SUPPORT_PROVIDER)',
     'account identifiers and impersonation levels of the Windows kernel'),
    (r'^SEC_(64K_PAGES|COMMIT|FILE|IMAGE|IMAGE_NO_EXECUTE|LARGE_PAGES|NOCACHE|'
     r'PARTITION_OWNER_HANDLE|PROTECTED_IMAGE|RESERVE|WRITECOMBINE)$', 'memory sections'),
    (r'^ISC_SHOWUI|^UI_|^MICROSOFT_WIN|^TLS_(MINIMUM_AVAILABLE|OUT_OF_INDEXES)$|'
     r'^Sec(Directory|Full|Object|Service|Tree)$',
     'same prefix, other field (input methods, threads)'),
    (r'^CRYPT_(ALL_FUNCTIONS|ALL_PROVIDERS|ANY|DEFAULT_CONTEXT|DOMAIN|EXCLUSIVE|KM|LOCAL|'
     r'MIN_DEPENDENCIES|MM|OVERRIDE|OVERWRITE|PRIORITY_BOTTOM|PRIORITY_TOP|PROCESS_ISOLATE|UM)$',
     'registration of CNG providers'),
    (r'^CRYPT_DEFAULT_CONTEXT_|^CRYPT_(FLAG|IMPL|OWF|PARAM|SGC|FASTSGC)_|'
     r'^CRYPT_(SGC|FASTSGC|SGCKEY)$|^(KP|PP|HP_TLS1PRF)_|^REPORT_',
     'inside of CryptoAPI providers'),
    (r'_REGPATH$|_VALUE_NAME(_A)?$|_(CAB|CTL|SEQ)_FILENAME(_A)?$|AUTO_UPDATE_LIST_IDENTIFIER$|'
     r'^CERT_AUTH_ROOT_CERT_EXT$|^CERT_CHAIN_WEAK_.*_NAME$|^CERT_CHAIN_DEFAULT_CONFIG_SUBDIR$|'
     r'^CRYPT_OID_REG_|^CRYPT_OID_SYSTEM_STORE_LOCATION', 'the Windows registry and update files'),
    (r'^CRYPT_OID_.*_FUNC$|^CRYPT_(REGISTER|INSTALL|GET_INSTALLED)_|OBJECT_LOCATOR',
     'DLLs registered to extend CryptoAPI'),
    (r'^URL_|^CRYPT_.*RETRIEVAL|^CRYPT_(ACCUMULATIVE_TIMEOUT|CREATE_NEW_FLUSH_ENTRY|'
     r'DONT_CACHE_RESULT|CHECK_FRESHNESS|DONT_CHECK_TIME|DONT_VERIFY_SIG|KEEP_TIME_VALID|'
     r'LDAP_|GET_URL|RETRIEVE_)',
     'the URL cache (cryptnet)'),
    (r'^OCSP_', 'encoding of OCSP messages'),
    (r'LOGOTYPE|BIOMETRIC|_LOGO$|^X942_', 'extensions without a meaning for TLS'),
    (r'^ERROR_(?!SUCCESS$|MORE_DATA$|NOT_FOUND$|INVALID_(PARAMETER|PASSWORD|HANDLE|DATA|FLAGS|'
     r'NAME|FUNCTION|STATE|OPERATION|TIME|INDEX|ADDRESS|TOKEN|DOMAINNAME|LEVEL)$)',
     'Win32 errors that no function of ours gives'),
]

LEFT_OUT_STRUCTS = [
    (r'^(BCRYPT|NCRYPT)_|^CRYPT_(CONTEXT|CONTEXTS|IMAGE|INTERFACE|PROPERTY|PROVIDER_REF|'
     r'PROVIDER_REFS|PROVIDER_REG|PROVIDERS)(_|$)', 'CNG: other libraries of Windows'),
    (r'^CMSG_|^CRYPT_.*_MESSAGE_PARA$|^CRYPT_(TIMESTAMP|TIME_STAMP|SMIME)_|'
     r'^CRYPT_X942_OTHER_INFO$|^CRYPT_ECC_CMS|^CERT_X942_',
     'signed and enveloped messages, time stamps'),
    (r'^CRYPT_(PROVIDER|PROVUI|REGISTER|TRUST_REG)_|^AUTHENTICODE_|^CRYPTPROTECT_',
     'WinTrust and DPAPI'),
    (r'_KEY_STATE$|^(DHPUBKEY|DSSSEED|PROV_ENUMALGS)|^CRYPT_(PKCS8|PRIVATE_KEY_BLOB)_|'
     r'^CRYPT_RC2_CBC|^CERT_FORTEZZA', 'inside of CryptoAPI providers'),
    (r'^CRYPTNET_|'
     r'^CRYPT_(URL|RETRIEVE|GET_TIME_VALID|ASYNC_RETRIEVAL|CREDENTIALS|PASSWORD_CREDENTIALS)',
     'the URL cache (cryptnet)'),
    (r'^CERT_SERVER_OCSP|^OCSP_', 'encoding and fetching of OCSP messages'),
    (r'^CRYPT_(CSP_PROVIDER|ENROLLMENT|DEFAULT_CONTEXT|OBJECT_LOCATOR|OID_FUNC|SMART_CARD|'
     r'VERIFY_CERT_SIGN)|^ROOT_INFO_LUID$|^CERT_KEYGEN',
     'enrolment, smart cards, DLLs registered to extend CryptoAPI'),
    (r'^CERT_(REGISTRY_STORE|LDAP_STORE|STORE_PROV)_', 'the Windows registry and store plug-ins'),
    (r'^CTL_(ANY|FIND|VERIFY)_', 'searching and verifying trust lists'),
    (r'LOGOTYPE|BIOMETRIC|^CERT_HASHED_URL$|^CERT_POLICY95|^CERT_TPM|^CERT_SUPPORTED_ALGORITHM',
     'extensions without a meaning for TLS'),
    (r'^CERT_CHAIN$|^SECPKG_APP_MODE_INFO$|^LUID_AND_ATTRIBUTES$', 'same prefix, other field'),
]

# WCHAR is wchar_t, 4 bytes instead of 2 (windef.h says why). Arrays of WCHAR inside a structure are
# twice as long, and what follows them lies that much further on. These are all of them.
WCHAR_ARRAYS = {
    'SCHANNEL_CERT_HASH_STORE': ['pwszStoreName'],
    'SEC_TRAFFIC_SECRETS': ['SymmetricAlgId', 'ChainingMode', 'HashAlgId'],
    'SSL_F12_EXTRA_CERT_CHAIN_POLICY_STATUS': ['wszErrorText'],
    'SSL_KEY_PIN_EXTRA_CERT_CHAIN_POLICY_STATUS': ['wszErrorText'],
    'SecPkgContext_CipherInfo': ['szCipherSuite', 'szCipher', 'szHash', 'szExchange',
                                 'szCertificate'],
    'SecPkgContext_ConnectionInfoEx': ['szCipher', 'szHash', 'szExchange'],
}
WCHAR_ITSELF = ('WCHAR', 4, 4)

# Identifiers that are small numbers dressed as pointers: no constant expressions, so they are
# compared at run time.
POINTERS = re.compile(
    r'^(X509_(?!ASN_ENCODING$|NDR_ENCODING$)|PKCS_(?!7_|RSA_SSA_PSS_TRAILER)|'
    r'PKCS7_SIGNER_INFO$|HCCE_|'
    r'CERT_STORE_PROV_(MSG|MEMORY|FILE|REG|PKCS7|SERIALIZED|FILENAME(_[AW])?|SYSTEM(_[AW])?|'
    r'COLLECTION|SYSTEM_REGISTRY(_[AW])?|PHYSICAL(_W)?|SMART_CARD(_W)?|LDAP(_W)?|PKCS12)$|'
    r'CERT_CHAIN_POLICY_(BASE|AUTHENTICODE|AUTHENTICODE_TS|SSL|BASIC_CONSTRAINTS|NT_AUTH|'
    r'MICROSOFT_ROOT|EV|SSL_F12|SSL_HPKP_HEADER|THIRD_PARTY_ROOT|SSL_KEY_PIN)$|'
    r'CERT_CHAIN_FIND_BY_ISSUER$|CRYPT_ENCODE_DECODE_NONE$)')


def rows(path):
    with open(path, encoding='ascii') as table:
        for line in table:
            if not line.startswith('#'):
                yield line.rstrip('\n').split('\t')


def kept(name, rules):
    return not any(re.search(pattern, name) for pattern, _ in rules)


def read_constants(path):
    numbers, texts = [], []
    for name, value in rows(path):
        if kept(name, LEFT_OUT_CONSTANTS):
            (numbers if value.startswith('0x') else texts).append((name, value))
    return [(name, int(value, 16)) for name, value in numbers], texts


def read_structs(path):
    """Yields (structure, sizeof, alignment, [(field, offset, size)]), WCHAR being 4 bytes."""
    structs = {}
    for row in rows(path):
        if not kept(row[0], LEFT_OUT_STRUCTS):
            continue
        if row[1] == '-':
            structs[row[0]] = [int(row[3]), int(row[4].replace('align ', '')), []]
        else:
            structs[row[0]][2].append((row[1], int(row[2]), int(row[3])))
    for name, (size, alignment, fields) in structs.items():
        if name == WCHAR_ITSELF[0]:
            yield WCHAR_ITSELF + ([],)
            continue
        growth = 0
        ours = []
        for field, offset, field_size in fields:
            extra = field_size if field in WCHAR_ARRAYS.get(name, []) else 0
            ours.append((field, offset + growth, field_size + extra))
            growth += extra
        yield name, size + growth, alignment, ours


def generate(language, numbers, texts, structs):
    cxx = language == 'cxx'
    check = 'static_assert' if cxx else '_Static_assert'
    align = 'alignof' if cxx else '_Alignof'
    out = ['/* Made by tests/contract/abi/generate.py. */',
           '#include <stddef.h>', '#include <openschannel/schannel.h>',
           '#include <openschannel/security.h>', '#include <openschannel/wincrypt.h>',
           '#include "abi_rows.h"', '']
    for name, value in numbers:
        if POINTERS.search(name):
            continue
        condition = '(unsigned long long)(%s) == 0x%XULL' % (name, value)
        if 0x80000000 <= value <= 0xFFFFFFFF:  # a status is negative and widens with its sign
            condition += ' || (unsigned long long)(%s) == 0xFFFFFFFF%08XULL' % (name, value)
        out.append('%s(%s, "%s");' % (check, condition, name))
    for name, size, alignment, fields in structs:
        out.append('%s(sizeof(%s) == %d && %s(%s) == %d, "%s");' %
                   (check, name, size, align, name, alignment, name))
        for field, offset, field_size in fields:
            out.append('%s(offsetof(%s, %s) == %d && sizeof(((%s *)0)->%s) == %d, "%s.%s");' %
                       (check, name, field, offset, name, field, field_size, name, field))
    out.append('\nconst struct AbiNumber abi_%s_numbers[] = {' % language)
    for name, value in numbers:
        out.append('    {"%s", (unsigned long long)(%s), 0x%XULL},' % (name, name, value))
    out.append('};\nconst struct AbiText abi_%s_texts[] = {' % language)
    for name, value in texts:
        actual = (name, 'NULL') if value.startswith('"') else ('NULL', name)
        wanted = (value, 'NULL') if value.startswith('"') else ('NULL', value)
        out.append('    {"%s", %s, %s, %s, %s},' % ((name,) + actual + wanted))
    out.append('};\nconst struct AbiField abi_%s_fields[] = {' % language)
    for name, size, _, fields in structs:
        out.append('    {"%s", 0, sizeof(%s), 0, %d},' % (name, name, size))
        for field, offset, field_size in fields:
            out.append('    {"%s.%s", offsetof(%s, %s), sizeof(((%s *)0)->%s), %d, %d},' %
                       (name, field, name, field, name, field, offset, field_size))
    out.append('};')
    for table in ('numbers', 'texts', 'fields'):
        name = 'abi_%s_%s' % (language, table)
        out.append('const size_t %s_count = sizeof(%s) / sizeof(%s[0]);' % (name[:-1], name, name))
    return '\n'.join(out) + '\n'


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    arguments.add_argument('--language', choices=['c', 'cxx'], required=True)
    arguments.add_argument('--constants', required=True)
    arguments.add_argument('--structs', required=True)
    arguments.add_argument('--output', required=True)
    options = arguments.parse_args()
    numbers, texts = read_constants(options.constants)
    structs = list(read_structs(options.structs))
    with open(options.output, 'w', encoding='ascii') as source:
        source.write(generate(options.language, numbers, texts, structs))


if __name__ == '__main__':
    main()
