/* Fetches a page over HTTPS with the Schannel SSPI: https_get HOST [PATH [PORT [CA.pem]]].
 *
 * Reads top to bottom as the documentation tells it: a credential, the handshake loop, messages,
 * shutdown. The library never sees the socket; this program moves every byte. */
#define _POSIX_C_SOURCE 200809L /* getaddrinfo, also with -std=c11 */
#include <netdb.h>
#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <openschannel/wincrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fd;
static CredHandle credential;
static CtxtHandle context;
static const char* host;

/* Encrypted bytes that are not used up yet. A record is at most 16 KiB and a little. */
static char input[65536];
static ULONG filled;

static void fail(const char* what, SECURITY_STATUS status) {
  fprintf(stderr, "%s: %s\n  %s\n", what, OpenSchannelStatusText(status),
          OpenSchannelErrorDetail());
  exit(1);
}

static void send_all(const char* bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = write(fd, bytes, size);
    if (sent <= 0) {
      perror("write");
      exit(3);
    }
    bytes += sent;
    size -= (size_t)sent;
  }
}

static void receive_more(void) {
  ssize_t size = read(fd, input + filled, sizeof input - filled);
  if (size <= 0) {
    fprintf(stderr, "the connection was cut\n");
    exit(3);
  }
  filled += (ULONG)size;
}

/* The last `extra` bytes of the input are what a call has not used (EXT-6). */
static void keep(ULONG extra) {
  memmove(input, input + filled - extra, extra);
  filled = extra;
}

/* One run of the loop: until SEC_E_OK. Also called when DecryptMessage says SEC_I_RENEGOTIATE. */
static void handshake(int first) {
  for (;;) {
    SecBuffer in[2] = {{filled, SECBUFFER_TOKEN, input}, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc in_desc = {SECBUFFER_VERSION, 2, in};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out_desc = {SECBUFFER_VERSION, 1, &out};
    ULONG attributes = 0;
    SECURITY_STATUS status = InitializeSecurityContextA(
        &credential, first ? NULL : &context, host,
        ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM | ISC_REQ_CONFIDENTIALITY | ISC_REQ_EXTENDED_ERROR,
        0, 0, first ? NULL : &in_desc, 0, &context, &out_desc, &attributes, NULL);
    /* A token is sent whatever the status: on failure it is the alert that says why. */
    if (out.cbBuffer != 0) send_all(out.pvBuffer, out.cbBuffer);
    FreeContextBuffer(out.pvBuffer);
    if (status < 0 && status != SEC_E_INCOMPLETE_MESSAGE) fail("the handshake failed", status);
    if (!first && status != SEC_E_INCOMPLETE_MESSAGE) {
      keep(in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    }
    first = 0;
    if (status == SEC_E_OK) return;
    if (status != SEC_I_INCOMPLETE_CREDENTIALS) receive_more();
  }
}

static void send_message(const char* text, size_t size) {
  SecPkgContext_StreamSizes sizes;
  QueryContextAttributesA(&context, SECPKG_ATTR_STREAM_SIZES, &sizes);
  char* record = malloc(sizes.cbHeader + size + sizes.cbTrailer);
  memcpy(record + sizes.cbHeader, text, size);
  SecBuffer buffers[4] = {
      {sizes.cbHeader, SECBUFFER_STREAM_HEADER, record},
      {(ULONG)size, SECBUFFER_DATA, record + sizes.cbHeader},
      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes.cbHeader + size},
      {0, SECBUFFER_EMPTY, NULL}};
  SecBufferDesc desc = {SECBUFFER_VERSION, 4, buffers};
  SECURITY_STATUS status = EncryptMessage(&context, 0, &desc, 0);
  if (status != SEC_E_OK) fail("EncryptMessage", status);
  send_all(record, buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
  free(record);
}

/* Prints what the server sends, until it closes properly. */
static void print_answer(void) {
  for (;;) {
    SecBuffer buffers[4] = {{filled, SECBUFFER_DATA, input},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc desc = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status = DecryptMessage(&context, &desc, 0, NULL);
    if (status == SEC_E_INCOMPLETE_MESSAGE) {
      receive_more();
      continue;
    }
    ULONG extra = buffers[3].BufferType == SECBUFFER_EXTRA ? buffers[3].cbBuffer : 0;
    if (status == SEC_I_CONTEXT_EXPIRED) return;
    if (status == SEC_I_RENEGOTIATE) { /* a ticket or a key update of TLS 1.3 */
      keep(extra);
      handshake(0);
      continue;
    }
    if (status != SEC_E_OK) fail("DecryptMessage", status);
    fwrite(buffers[1].pvBuffer, 1, buffers[1].cbBuffer, stdout);
    keep(extra);
  }
}

static void say_goodbye(void) {
  DWORD token = SCHANNEL_SHUTDOWN;
  SecBuffer buffer = {sizeof token, SECBUFFER_TOKEN, &token};
  SecBufferDesc desc = {SECBUFFER_VERSION, 1, &buffer};
  SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
  SecBufferDesc out_desc = {SECBUFFER_VERSION, 1, &out};
  ULONG attributes = 0;
  if (ApplyControlToken(&context, &desc) != SEC_E_OK) return;
  if (InitializeSecurityContextA(&credential, &context, NULL, ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL,
                                 0, NULL, &out_desc, &attributes, NULL) >= 0) {
    send_all(out.pvBuffer, out.cbBuffer);
  }
  FreeContextBuffer(out.pvBuffer);
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: https_get HOST [PATH [PORT [CA.pem]]]\n");
    return 2;
  }
  host = argv[1];
  struct addrinfo hints, *addresses;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host, argc > 3 ? argv[3] : "443", &hints, &addresses) != 0) {
    fprintf(stderr, "no such host: %s\n", host);
    return 3;
  }
  fd = -1;
  for (const struct addrinfo* at = addresses; at != NULL && fd < 0; at = at->ai_next) {
    fd = socket(at->ai_family, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(addresses);
  if (fd < 0) {
    perror("connect");
    return 3;
  }

  SCH_CREDENTIALS policy;
  memset(&policy, 0, sizeof policy);
  policy.dwVersion = SCH_CREDENTIALS_VERSION; /* TLS 1.3 and 1.2, the server is verified */
  if (argc > 4) {
    /* A store that failed to open would mean: trust the system's roots. */
    policy.hRootStore = OpenSchannelImportPemFiles(argv[4], NULL, NULL);
    if (policy.hRootStore == NULL) fail(argv[4], (SECURITY_STATUS)GetLastError());
  }
  SECURITY_STATUS status = AcquireCredentialsHandleA(NULL, UNISP_NAME_A, SECPKG_CRED_OUTBOUND, NULL,
                                                     &policy, NULL, NULL, &credential, NULL);
  if (policy.hRootStore != NULL) CertCloseStore(policy.hRootStore, 0);
  if (status != SEC_E_OK) fail("AcquireCredentialsHandle", status);

  handshake(1);
  char request[2048];
  int size = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n",
                      argc > 2 ? argv[2] : "/", host);
  if (size < 0 || (size_t)size >= sizeof request) {
    fprintf(stderr, "the path is too long\n");
    return 2;
  }
  send_message(request, (size_t)size);
  print_answer();
  say_goodbye();
  DeleteSecurityContext(&context);
  FreeCredentialsHandle(&credential);
  close(fd);
  return 0;
}
