/* Connects to a TLS server and validates it without the library's help:
 * manual_validation HOST PORT [CA.pem].
 *
 * ISC_REQ_MANUAL_CRED_VALIDATION lets the handshake complete with any certificate. Until
 * check_server() has said yes, nothing may be sent that is not for everybody. */
#define _POSIX_C_SOURCE 200809L /* getaddrinfo, also with -std=c11 */
#include <netdb.h>
#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check_server.h"

static int connect_to(const char* host, const char* port) {
  struct addrinfo hints, *addresses, *at;
  int fd = -1;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host, port, &hints, &addresses) != 0) return -1;
  for (at = addresses; at != NULL && fd < 0; at = at->ai_next) {
    fd = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
    if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(addresses);
  return fd;
}

static SECURITY_STATUS handshake(int fd, const char* host, CredHandle* credential,
                                 CtxtHandle* context) {
  static char input[65536];
  ULONG filled = 0;
  int first = 1;
  for (;;) {
    SecBuffer in[2] = {{filled, SECBUFFER_TOKEN, input}, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc in_desc = {SECBUFFER_VERSION, 2, in};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out_desc = {SECBUFFER_VERSION, 1, &out};
    ULONG attributes = 0;
    ssize_t size;
    SECURITY_STATUS status = InitializeSecurityContextA(
        credential, first ? NULL : context, (SEC_CHAR*)host,
        ISC_REQ_MANUAL_CRED_VALIDATION | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM |
            ISC_REQ_CONFIDENTIALITY,
        0, 0, first ? NULL : &in_desc, 0, context, &out_desc, &attributes, NULL);
    if (out.cbBuffer != 0 && write(fd, out.pvBuffer, out.cbBuffer) != (ssize_t)out.cbBuffer) {
      status = SEC_E_INTERNAL_ERROR;
    }
    FreeContextBuffer(out.pvBuffer);
    if (status == SEC_E_OK || (status < 0 && status != SEC_E_INCOMPLETE_MESSAGE)) return status;
    if (!first && status != SEC_E_INCOMPLETE_MESSAGE) {
      ULONG extra = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
      memmove(input, input + filled - extra, extra);
      filled = extra;
    }
    first = 0;
    if (status == SEC_I_INCOMPLETE_CREDENTIALS) continue; /* go on without a certificate */
    size = read(fd, input + filled, sizeof input - filled);
    if (size <= 0) return SEC_E_INCOMPLETE_MESSAGE;
    filled += (ULONG)size;
  }
}

int main(int argc, char** argv) {
  SCH_CREDENTIALS settings;
  CredHandle credential;
  CtxtHandle context;
  PCCERT_CONTEXT server = NULL;
  struct server_check check;
  const char* reason = "";
  SECURITY_STATUS status;
  HRESULT result;
  int fd;

  if (argc < 3) {
    fprintf(stderr, "usage: manual_validation HOST PORT [CA.pem]\n");
    return 2;
  }
  memset(&check, 0, sizeof check);
  check.host = argv[1];
  if (argc > 3) {
    check.roots = OpenSchannelImportPemFiles(argv[3], NULL, NULL);
    if (check.roots == NULL) {
      fprintf(stderr, "%s\n", OpenSchannelErrorDetail());
      return 2;
    }
  }
  fd = connect_to(argv[1], argv[2]);
  if (fd < 0) {
    fprintf(stderr, "%s port %s: no connection\n", argv[1], argv[2]);
    return 3;
  }
  memset(&settings, 0, sizeof settings);
  settings.dwVersion = SCH_CREDENTIALS_VERSION;
  status = AcquireCredentialsHandleA(NULL, (SEC_CHAR*)UNISP_NAME_A, SECPKG_CRED_OUTBOUND, NULL,
                                     &settings, NULL, NULL, &credential, NULL);
  if (status == SEC_E_OK) status = handshake(fd, argv[1], &credential, &context);
  if (status == SEC_E_OK) {
    status = QueryContextAttributesA(&context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, (void*)&server);
  }
  if (status != SEC_E_OK) {
    fprintf(stderr, "no secure channel: %s\n  %s\n", OpenSchannelStatusText(status),
            OpenSchannelErrorDetail());
    return 1;
  }
  result = check_server(server, &check, &reason);
  printf("%s: %s (0x%08X)\n", result == 0 ? "accepted" : "refused", reason, (unsigned)result);
  CertFreeCertificateContext(server);
  CertCloseStore(check.roots, 0);
  DeleteSecurityContext(&context);
  FreeCredentialsHandle(&credential);
  close(fd);
  return result == 0 ? 0 : 1;
}
