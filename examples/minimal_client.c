/* The loop in 30 lines: usage: minimal_client HOST PORT. No error texts; https_get.c has them. */
#define _POSIX_C_SOURCE 200809L /* getaddrinfo, also with -std=c11 */
#include <netdb.h>
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char** argv) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *address;
  if (argc != 3 || getaddrinfo(argv[1], argv[2], &hints, &address) != 0) return 2;
  int fd = socket(address->ai_family, SOCK_STREAM, 0);
  if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) return 3;
  freeaddrinfo(address);

  CredHandle credential;
  SCH_CREDENTIALS policy = {.dwVersion = SCH_CREDENTIALS_VERSION};
  if (AcquireCredentialsHandleA(NULL, UNISP_NAME_A, SECPKG_CRED_OUTBOUND, NULL, &policy, NULL, NULL,
                                &credential, NULL) != SEC_E_OK) {
    return 1;
  }
  CtxtHandle context;
  char input[32768];
  ULONG filled = 0, attributes;
  SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
  for (int first = 1; status != SEC_E_OK; first = 0) {
    SecBuffer in[2] = {{filled, SECBUFFER_TOKEN, input}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_desc = {SECBUFFER_VERSION, 2, in}, out_desc = {SECBUFFER_VERSION, 1, &out};
    status = InitializeSecurityContextA(
        &credential, first ? NULL : &context, argv[1], ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM, 0,
        0, first ? NULL : &in_desc, 0, &context, &out_desc, &attributes, NULL);
    if (status < 0 && status != SEC_E_INCOMPLETE_MESSAGE) return 1;
    if (status != SEC_E_INCOMPLETE_MESSAGE) { /* what was not used moves to the front */
      ULONG extra = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
      memmove(input, input + filled - extra, extra);
      filled = extra;
    }
    if (out.cbBuffer != 0 && write(fd, out.pvBuffer, out.cbBuffer) < 0) return 3;
    FreeContextBuffer(out.pvBuffer);
    /* The latter: the server asked for a certificate; called again, we go on without one. */
    if (status == SEC_E_OK || status == SEC_I_INCOMPLETE_CREDENTIALS) continue;
    ssize_t size = read(fd, input + filled, sizeof input - filled);
    if (size <= 0) return 3;
    filled += (ULONG)size;
  }
  DeleteSecurityContext(&context);
  FreeCredentialsHandle(&credential);
  return write(1, "connected and verified\n", 23) == 23 ? 0 : 3;
}
