#include "server/store/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <system_error>

#include "core/sql/connection.h"
#include "server/store/read_store.h"

namespace amont {

namespace {

constexpr std::string_view kScheme = "sqlite:";

Error CannotWrite(const std::string& file, const std::string& why) {
  return MakeError(ErrorCode::kPermission, fmt::format("cannot write {}: {}", file, why));
}

// What is in the file is on the disk.
Result<void> Sync(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && fsync(file) == 0;
  const std::error_code why(errno, std::generic_category());
  if (file >= 0) close(file);
  return synced ? Result<void>() : Result<void>(CannotWrite(path, why.message()));
}

Result<void> Copy(const std::string& store, const std::string& unfinished, const std::string& file) {
  {
    AMONT_TRY(const auto session, OpenSqliteStore(store));
    const std::array<Value, 1> params = {unfinished};
    AMONT_TRY_VOID(session->Execute("VACUUM INTO $1", params));
  }
  AMONT_TRY_VOID(Sync(unfinished));
  std::error_code failed;
  // Unlike a rename, this never takes the place of a file that came meanwhile.
  std::filesystem::create_hard_link(unfinished, file, failed);
  if (failed) return CannotWrite(file, failed.message());
  return {};
}

}  // namespace

Result<void> BackUpStore(const std::string& url, const std::string& file) {
  if (EngineOf(url).value_or(Engine::kSqlite) == Engine::kPostgres) {
    return MakeError(
        ErrorCode::kUnsupported,
        fmt::format("{} is a PostgreSQL store: back it up with pg_dump --schema=amont", MaskUrl(url)));
  }
  const std::string store = url.starts_with(kScheme) ? url.substr(kScheme.size()) : url;
  AMONT_TRY_VOID(OpenReadStore(store));  // nothing else is opened to write
  std::error_code unseen;
  if (std::filesystem::exists(std::filesystem::symlink_status(file, unseen))) {
    return MakeError(ErrorCode::kBusy, fmt::format("{} exists already; a backup overwrites nothing", file));
  }
  const std::string folder = std::filesystem::path(file).parent_path().string();
  if (!folder.empty() && !std::filesystem::is_directory(folder, unseen)) {
    return CannotWrite(file, "there is no folder " + folder);
  }
  const std::string unfinished = fmt::format("{}.{}.part", file, getpid());
  const Result<void> copied = Copy(store, unfinished, file);
  std::filesystem::remove(unfinished, unseen);
  return copied;
}

}  // namespace amont
