// Opening a store by its URL, and the store that remembers nothing.

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "server/store/read_store.h"
#include "server/store/schema.h"
#include "server/store/sql_store.h"

namespace amont {

namespace {

constexpr std::string_view kScheme = "sqlite:";

class Forgetful : public Store {
 public:
  Result<std::vector<History>> ReadHistory(std::span<const CheckPtr> checks, Timestamp) override {
    return std::vector<History>(checks.size());
  }
  Result<std::vector<TableName>> ReadKnownTables(const std::string&) override {
    return std::vector<TableName>();
  }
  Result<std::set<std::string>> ReadApart(std::span<const CheckPtr>) override {
    return std::set<std::string>();
  }
  Result<RunId> ClaimRun(const RunClaim&) override { return RunId{0}; }
  Result<void> RecordTables(RunId, std::span<const Conclusion>) override { return {}; }
  Result<void> FinishRun(RunId, Timestamp) override { return {}; }
  Result<void> Trim(RunId, const Retention&, Timestamp) override { return {}; }
  Result<void> AcceptSchema(const Acceptance&) override { return Nothing(); }
  Result<void> AcceptValue(const Acceptance&) override { return Nothing(); }
  Result<void> AcceptGone(const Acceptance&, const TableName&) override { return Nothing(); }
  Result<std::optional<LastVerdict>> ReadLastVerdict(const std::string&) override {
    return std::optional<LastVerdict>();
  }

 private:
  static Error Nothing() { return MakeError(ErrorCode::kUnsupported, "there is no store to remember it"); }
};

Error Named(const std::string& path, Error error) {
  const bool said = error.message.find(path) != std::string::npos;
  error.message = said ? "the store " + error.message : fmt::format("the store {}: {}", path, error.message);
  return error;
}

// Creates what leads to the file. Our own folder is kept out of version control.
Result<void> MakeFolder(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code failed;
  const bool created = !folder.empty() && std::filesystem::create_directories(folder, failed);
  if (created && folder.filename() == ".amont") std::ofstream(folder / ".gitignore") << "*\n";
  if (!failed) return {};
  return MakeError(ErrorCode::kPermission,
                   fmt::format("cannot create {}: {}", folder.string(), failed.message()));
}

Result<std::unique_ptr<Store>> OpenToWrite(const std::string& path) {
  std::error_code unseen;
  if (std::filesystem::exists(path, unseen)) {
    // Another program's database is not to be touched: opening it to write would change it already.
    auto readable = OpenReadStore(path);
    if (!readable && readable.error().code != ErrorCode::kNotFound) return readable.error();
  } else {
    AMONT_TRY_VOID(MakeFolder(path));
  }
  AMONT_TRY(auto session, OpenSqliteStore(path));
  AMONT_TRY_VOID(Migrate(*session));
  return std::unique_ptr<Store>(std::make_unique<SqlStore>(std::move(session)));
}

}  // namespace

Result<std::unique_ptr<Store>> OpenStore(const std::string& url, StoreMode mode) {
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    return MakeError(ErrorCode::kInvalid, fmt::format("a store is sqlite:FILE, not {}", MaskUrl(url)));
  }
  const std::string path = url.substr(kScheme.size());
  auto store = mode == StoreMode::kRead ? OpenReadStore(path) : OpenToWrite(path);
  if (!store && store.error().code != ErrorCode::kNotFound) return Named(path, store.error());
  return store;
}

std::unique_ptr<Store> NoStore() { return std::make_unique<Forgetful>(); }

}  // namespace amont
