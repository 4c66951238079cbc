#include "connections.h"

#include <system_error>
#include <utility>

Connections::~Connections() {
  // Nobody calls start() any more; done flags may still be set, so no lock is held while waiting.
  for (Worker& worker : workers_) worker.thread.join();
}

void Connections::join_finished() {
  std::list<Worker> finished;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = workers_.begin(); at != workers_.end();) {
      const auto next = std::next(at);
      if (at->done) finished.splice(finished.end(), workers_, at);
      at = next;
    }
  }
  for (Worker& worker : finished) worker.thread.join();
}

bool Connections::start(std::function<void()> body) {
  join_finished();
  const std::lock_guard lock(mutex_);
  if (workers_.size() >= limit_) return false;
  Worker& worker = workers_.emplace_back();
  try {
    worker.thread = std::thread([this, &worker, run = std::move(body)]() mutable {
      run();
      run = nullptr;  // what it holds, a socket for one, ends before the connection counts as done
      const std::lock_guard done_lock(mutex_);
      worker.done = true;
    });
  } catch (const std::system_error&) {
    workers_.pop_back();
    return false;
  }
  return true;
}
