#include "server/store/store_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace amont {

namespace {

std::string LockPath(const std::string& store) { return store + ".lock"; }

std::string HostName() {
  std::array<char, 256> name = {};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "an unknown host";
}

// Whom the file names: "process 12 on host a".
std::string HolderIn(int file) {
  std::array<char, 512> text = {};
  const ssize_t size = pread(file, text.data(), text.size() - 1, 0);
  std::string holder(text.data(), size > 0 ? static_cast<size_t>(size) : 0);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return holder.empty() ? "another process" : holder;
}

Error Held(int file) { return MakeError(ErrorCode::kBusy, "a service holds it already: " + HolderIn(file)); }

}  // namespace

Result<std::unique_ptr<StoreLock>> StoreLock::Take(const std::string& store) {
  const std::string path = LockPath(store);
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) {
    return MakeError(ErrorCode::kPermission, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  std::unique_ptr<StoreLock> lock(new StoreLock(file));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) return Held(file);
  const std::string holder = fmt::format("process {} on {}\n", getpid(), HostName());
  const bool said = ftruncate(file, 0) == 0 && write(file, holder.data(), holder.size()) > 0;
  if (!said)
    return MakeError(ErrorCode::kLimit, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  return lock;
}

StoreLock::~StoreLock() { close(file_); }

Result<void> CheckNoService(const std::string& store) {
  const int file = open(LockPath(store).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  Result<void> free;
  if (flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) free = Held(file);
  close(file);
  return free;
}

}  // namespace amont
