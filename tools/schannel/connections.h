#pragma once
#include <functional>
#include <list>
#include <mutex>
#include <thread>

/// The connections of a server, a thread for each and not more than a limit of them.
class Connections {
 public:
  explicit Connections(unsigned limit) : limit_(limit) {}
  /// Waits for all of them.
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// Runs `body`, which must not throw, in a thread of its own. False when the limit is reached, or
  /// when the system has no thread to give.
  bool start(std::function<void()> body);

 private:
  struct Worker {
    std::thread thread{};
    bool done = false;
  };
  void join_finished();

  const unsigned limit_;
  std::mutex mutex_;
  std::list<Worker> workers_;
};
