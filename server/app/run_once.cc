#include "server/app/run_once.h"
#include "server/clock/wall_clock.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace amont {

namespace {

// The store of one run, and whether it is written to.
struct Memory {
  std::unique_ptr<Store> store;
  bool records = false;
};

constexpr char kServicesOwn[] = "the store is that of services; --record=yes records all the same";

// With --record=auto a store that cannot be had is a note, not a failure: the checks matter more than their
// history.
Result<Memory> OpenMemory(const Config& config, const RunRequest& request, std::vector<std::string>& notes) {
  const std::string url = StoreUrl(config, request.store);
  if (url == kNoStore) return Memory{NoStore(), false};
  if (request.record != Record::kNo && !request.as_of) {
    // A store of several services is theirs: nobody records into it by the way.
    const bool theirs = url == config.store.url && !config.store.url.starts_with("sqlite:");
    const bool insists = request.record == Record::kYes;
    auto store = theirs && !insists
                     ? Result<std::unique_ptr<Store>>(MakeError(ErrorCode::kBusy, kServicesOwn))
                     : OpenStore(url, StoreMode::kWrite, config.store.password);
    if (store) return Memory{std::move(*store), true};
    if (insists) return store.error();
    notes.push_back(fmt::format("not recorded: {}", store.error().message));
  }
  auto store = OpenStore(url, StoreMode::kRead, config.store.password);
  if (store) return Memory{std::move(*store), false};
  if (!request.store.empty()) return store.error();
  if (store.error().code != ErrorCode::kNotFound) {
    notes.push_back(fmt::format("without history: {}", store.error().message));
  }
  return Memory{NoStore(), false};
}

// "--as-of: mart.a, mart.b and 7 more are read whole: …".
std::string WholeNote(std::vector<TableName> tables) {
  constexpr size_t kShown = 5;
  std::sort(tables.begin(), tables.end());
  std::string names;
  for (size_t i = 0; i < std::min(tables.size(), kShown); ++i) {
    names += (i == 0 ? "" : ", ") + tables[i].Local();
  }
  if (tables.size() > kShown) names += fmt::format(" and {} more", tables.size() - kShown);
  const std::string_view verb = tables.size() == 1 ? "is" : "are";
  return fmt::format("--as-of: {} {} read whole, for no freshness or window names a time column", names,
                     verb);
}

// Records one run as it goes, where there is a store to write to. A failure to record is said once.
class Recording {
 public:
  Recording(Store& store, std::vector<std::string>& notes) : store_(store), notes_(notes) {}

  // Claims the run. That it cannot be is an error where recording was asked for, else a note.
  Result<void> Claim(const RunRequest& request) {
    auto claimed = store_.ClaimRun({"local", request.key, request.started, 0});
    if (claimed) {
      run_ = *claimed;
      return {};
    }
    if (request.record == Record::kYes) return claimed.error();
    Noted(claimed.error());
    return {};
  }

  void Record(std::span<const Conclusion> tables) {
    if (run_) Noted(store_.RecordTables(*run_, tables));
  }

  void Finish(const StoreConfig& settings) {
    if (!run_) return;
    Noted(store_.FinishRun(*run_, WallClock()));
    Noted(store_.Trim(*run_, {settings.keep_measurements, settings.keep_verdicts, settings.keep_events}, WallClock()));
  }

 private:
  void Noted(const Result<void>& recorded) {
    if (recorded || std::exchange(said_, true)) return;
    notes_.push_back(fmt::format("not recorded: {}", recorded.error().message));
  }

  Store& store_;
  std::vector<std::string>& notes_;
  std::optional<ClaimedRun> run_;  // empty: nothing is recorded
  bool said_ = false;              // that something could not be recorded
};

// When a SQLite store was last written, its log included; nullopt where there is none.
std::optional<std::filesystem::file_time_type> LastWritten(std::string_view url) {
  const std::string file(url.substr(std::string_view("sqlite:").size()));
  std::optional<std::filesystem::file_time_type> last;
  for (const char* part : {"", "-wal"}) {
    std::error_code missing;
    const auto written = std::filesystem::last_write_time(file + part, missing);
    if (!missing) last = last ? std::max(*last, written) : written;
  }
  return last;
}

}  // namespace

std::string StoreUrl(const Config& config, const std::string& named) {
  if (!named.empty()) return named;
  if (config.store.declared) return config.store.url;
  return "sqlite:" + (std::filesystem::path(config.directory) / ".amont" / "history.db").string();
}

std::string StoreUrlToRead(const Config& config, const std::string& named) {
  const std::string runs = StoreUrl(config, named);
  if (!named.empty() || config.store.declared) return runs;
  const auto served = LastWritten(config.store.url);
  return served && served > LastWritten(runs) ? config.store.url : runs;
}

Result<RunOutcome> RunOnce(const Config& config, const RunRequest& request, const RunHooks& hooks,
                           std::stop_token stop) {
  RunOutcome outcome;
  AMONT_TRY(const Memory memory, OpenMemory(config, request, outcome.notes));
  Recording recording(*memory.store, outcome.notes);
  if (memory.records) AMONT_TRY_VOID(recording.Claim(request));

  Canceller canceller;
  std::map<std::string, SourceAccess> sources;
  for (const std::string& name : SourcesOf(request.selection, config.declarations)) {
    sources.emplace(name, AccessTo(name, config.sources.at(name), canceller));
  }
  DriveOrder order{config, config.declarations, MemoryOf(*memory.store), {}, {}};
  for (auto& [name, access] : sources) order.sources.emplace(name, &access);
  order.options.as_of = request.as_of;
  order.options.started = request.started;
  order.options.disabled = request.disabled;
  if (!request.selection.empty()) {
    order.options.selects = [&request](const Check& check) { return request.selection.Selects(check); };
  }
  DriveHooks drive{hooks.progress, hooks.statement, [&](std::vector<Conclusion> tables) {
                     recording.Record(tables);
                     std::move(tables.begin(), tables.end(), std::back_inserter(outcome.tables));
                   }};
  static_cast<Driven&>(outcome) = Drive(order, drive, std::move(stop));
  if (!outcome.whole.empty()) outcome.notes.push_back(WholeNote(outcome.whole));
  recording.Finish(config.store);
  return outcome;
}

}  // namespace amont
