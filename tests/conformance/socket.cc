#include "socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace schannel::conformance {

Socket::Socket(int port, bool ipv6, std::uint64_t shim_id) {
  sockaddr_storage address{};
  socklen_t size = 0;
  if (ipv6) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(static_cast<std::uint16_t>(port));
    six.sin6_addr = in6addr_loopback;
    std::memcpy(&address, &six, size = sizeof six);
  } else {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(static_cast<std::uint16_t>(port));
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::memcpy(&address, &four, size = sizeof four);
  }
  descriptor_ = ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const void* at = &address;
  if (descriptor_ < 0 || ::connect(descriptor_, static_cast<const sockaddr*>(at), size) != 0) {
    std::perror("connect to the runner");
    std::exit(1);
  }
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Buffer introduction;
  for (int shift = 0; shift < 64; shift += 8) {
    introduction.push_back(static_cast<std::uint8_t>(shim_id >> shift));
  }
  write(introduction);
}

Socket::~Socket() { ::close(descriptor_); }

bool Socket::read(Buffer& to, std::size_t limit) {
  std::uint8_t bytes[16384];
  const ssize_t size = ::recv(descriptor_, bytes, std::min(limit, sizeof bytes), 0);
  if (size <= 0) return false;
  append(to, Bytes(bytes, static_cast<std::size_t>(size)));
  return true;
}

void Socket::write(Buffer& from) {
  Bytes rest = from;
  while (!rest.empty()) {
    const ssize_t size = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size <= 0) break;
    rest = rest.subspan(static_cast<std::size_t>(size));
  }
  from.clear();
}

void Socket::finish() {
  ::shutdown(descriptor_, SHUT_WR);
  Buffer ignored;
  while (read(ignored, 16384)) ignored.clear();
}

}  // namespace schannel::conformance
