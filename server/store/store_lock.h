// The lock of a service on its SQLite store: a file beside it that says who holds it. One process a store.
//
// The file stays when the lock is let go of; only the system's lock on it counts, which ends with its
// process.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"

namespace amont {

class StoreLock {
 public:
  // `store` is the path of the store, which need not be there yet. kBusy, naming the holder; kPermission.
  static Result<std::unique_ptr<StoreLock>> Take(const std::string& store);
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  explicit StoreLock(int file) : file_(file) {}
  const int file_;
};

// kBusy, naming the holder, where a service holds the store.
Result<void> CheckNoService(const std::string& store);

}  // namespace amont
