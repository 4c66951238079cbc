#include "unit/pki/slapd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <filesystem>
#include <fstream>
#include <vector>

namespace schannel::pki::testing {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A free port: what the kernel gives out, and gives out again only after a while.
int free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  void* any = &address;
  bind(descriptor, static_cast<sockaddr*>(any), size);
  getsockname(descriptor, static_cast<sockaddr*>(any), &size);
  close(descriptor);
  return ntohs(address.sin_port);
}

bool accepts(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port);
  void* any = &address;
  const bool accepted = connect(descriptor, static_cast<sockaddr*>(any), sizeof address) == 0;
  close(descriptor);
  return accepted;
}

pid_t spawn(const std::vector<std::string>& arguments, const std::string& log) {
  const pid_t process = fork();
  if (process != 0) return process;
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  std::vector<char*> list;
  for (const std::string& argument : arguments) list.push_back(const_cast<char*>(argument.c_str()));
  list.push_back(nullptr);
  execvp(list[0], list.data());
  _exit(127);
}

bool run(const std::vector<std::string>& arguments, const std::string& log) {
  const pid_t process = spawn(arguments, log);
  int status = -1;
  return waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string Slapd::write(const std::string& name, const std::string& text) const {
  std::string path = folder_ + "/" + name;
  std::ofstream(path) << text;
  chmod(path.c_str(), 0600);
  return path;
}

bool Slapd::prepare(const Options& options, std::string& why) {
  std::string name = ::testing::TempDir() + "slapd-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) return false;
  folder_ = name;
  port_ = free_port();
  std::filesystem::create_directory(folder_ + "/db");
  std::string configuration =
      "include /etc/ldap/schema/core.schema\n"
      "include /etc/ldap/schema/cosine.schema\n"
      "include /etc/ldap/schema/nis.schema\n"
      "include /etc/ldap/schema/inetorgperson.schema\n";
  if (!options.certificate.empty()) {
    configuration += "TLSCertificateFile " + write("server.pem", options.certificate) +
                     "\nTLSCertificateKeyFile " + write("server.key", options.key) + "\n";
  }
  configuration += "database ldif\nsuffix dc=example\nrootdn " + std::string(kAdministrator) +
                   "\nrootpw " + kPassword + "\ndirectory " + folder_ + "/db\n" + options.access;
  const std::string file = write("slapd.conf", configuration);
  const std::string ldif =
      write("entries.ldif",
            "dn: dc=example\nobjectClass: dcObject\nobjectClass: organization\ndc: example\n"
            "o: example\n\n" +
                options.ldif);
  const std::string log = folder_ + "/log";
  if (!run({"/usr/sbin/slapadd", "-f", file, "-l", ldif}, log)) {
    why = "slapadd failed: " + contents(log);
    return false;
  }
  process_ = spawn({"/usr/sbin/slapd", "-d", "0", "-f", file, "-h",
                    "ldap://127.0.0.1:" + std::to_string(port_) + "/"},
                   log);
  return wait_until_ready(why);
}

bool Slapd::wait_until_ready(std::string& why) {
  for (int i = 0; i < 1000; ++i) {
    if (accepts(port_)) return true;
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      break;
    }
    poll(nullptr, 0, 20);
  }
  why = "slapd did not start: " + contents(folder_ + "/log");
  return false;
}

bool Slapd::add(const std::string& ldif) const {
  return run({"/usr/bin/ldapadd", "-x", "-H", uri(), "-D", kAdministrator, "-w", kPassword, "-f",
              write("more.ldif", ldif)},
             folder_ + "/log");
}

std::unique_ptr<Slapd> Slapd::start(const Options& options, std::string& why) {
  if (access("/usr/sbin/slapd", X_OK) != 0) {
    why = "slapd is not installed";
    return nullptr;
  }
  std::unique_ptr<Slapd> server(new Slapd);
  return server->prepare(options, why) ? std::move(server) : nullptr;
}

Slapd::~Slapd() {
  if (process_ > 0) {
    kill(process_, SIGTERM);
    int status = 0;
    waitpid(process_, &status, 0);
  }
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace schannel::pki::testing
