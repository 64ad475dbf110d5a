#include "server/app/lineage_feeds.h"

#include <fmt/format.h>

#include <filesystem>
#include <future>
#include <utility>

#include "core/file.h"
#include "core/log.h"
#include "lineage/catalog/catalog_reading.h"
#include "server/app/dbt_reading.h"
#include "server/ingest/reading_digest.h"
#include "server/lineage/declared_lineage.h"

namespace amont {

namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 2s;  // how often files and declarations are looked at
constexpr int kLooksPerShow = 5;
constexpr auto kCatalogEach = 1h;     // views change with deployments, a few times a day
constexpr auto kCatalogAgain = 5min;  // after a source could not be asked

// Time and size of the manifest and of what is read beside it, and the day: what its SQL says would expire
// when it is not said again.
std::string StampOf(const std::string& path, Timestamp now) {
  std::string stamp =
      fmt::format("{} ", std::chrono::floor<std::chrono::days>(now).time_since_epoch().count());
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  for (const std::filesystem::path& file :
       {std::filesystem::path(path), folder / "catalog.json", folder / "run_results.json"}) {
    std::error_code unseen;
    const auto written = std::filesystem::last_write_time(file, unseen);
    const auto size = std::filesystem::file_size(file, unseen);
    stamp += unseen ? "- " : fmt::format("{}:{} ", written.time_since_epoch().count(), size);
  }
  return stamp;
}

}  // namespace

Result<Extract> ReadCatalogLineage(const std::string& source, const ConnectOptions& options, Timestamp now,
                                   const std::stop_token& stop) {
  AMONT_TRY(const auto connection, Connect(options, stop));
  CatalogReading reading(source);
  QueryLimits limits;
  limits.label = "lineage";
  limits.rows_max = 10'000'000;
  for (const CatalogInquiry& inquiry : PostgresLineageInquiries()) {
    std::vector<std::string> cells;
    const auto asked =
        connection->Query(std::string(inquiry.sql), {}, limits, stop, [&](std::span<const Value> row) {
          cells.clear();
          for (const Value& value : row) {
            const auto* text = std::get_if<std::string>(&value);
            cells.push_back(text != nullptr ? *text : StoredText(value));
          }
          return reading.Add(inquiry.question, cells);
        });
    if (!asked) return asked.error();
  }
  return reading.ToExtract(now);
}

LineageFeeds::LineageFeeds(Hooks hooks)
    : hooks_(std::move(hooks)), thread_([this](const std::stop_token& stop) { Work(stop); }) {}

LineageFeeds::~LineageFeeds() { Stop(); }

void LineageFeeds::Wake() {
  asked_.With([](Asked& asked) { asked.woken = true; });
  asked_.Notify();
}

void LineageFeeds::Stop() {
  asked_.With([](Asked& asked) { asked.stopped = true; });
  asked_.Notify();
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void LineageFeeds::Work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::shared_ptr<const Generation> generation = hooks_.generation();
    if (generation != nullptr && hooks_.leads()) {
      if (std::exchange(generation_, generation->number) != generation->number) {
        manifests_.clear();
        catalogs_.clear();
      }
      FeedDeclared();
      FeedManifests(*generation);
      FeedCatalogs(*generation, stop);
      if (looks_++ % kLooksPerShow == 0) hooks_.looked();
    } else {
      generation_ = -1;  // whoever leads meanwhile may have written something else
      declared_.clear();
    }
    asked_.WaitUntil(Clock::now() + kLook, [](const Asked& asked) { return asked.woken || asked.stopped; });
    asked_.With([](Asked& asked) { asked.woken = false; });
  }
}

void LineageFeeds::FeedDeclared() {
  ReadingOrder order;
  order.extract = DeclaredLineage(hooks_.tables(), hooks_.now(), true);
  const std::string digest = DigestOfReading(order.extract);
  if (digest == declared_) return;
  if (Write(std::move(order), "declarations")) declared_ = digest;
}

void LineageFeeds::FeedManifests(const Generation& generation) {
  const Config& config = generation.config;
  for (const std::string& pattern : config.lineage.dbt_manifests) {
    const auto found = Glob(pattern, config.directory);
    if (!found) Complain(pattern, found.error());
    if (found && found->empty()) {
      Complain(pattern, MakeError(ErrorCode::kNotFound, fmt::format("no manifest is at {}", pattern)));
    }
    for (const std::string& path : found ? *found : std::vector<std::string>()) {
      const std::string stamp = StampOf(path, hooks_.now());
      if (manifests_[path] == stamp) continue;
      const auto texts = ReadDbtFiles(path);
      auto reading =
          texts ? ReadDbtProject(*texts, config, {}, hooks_.now()) : Result<DbtReading>(texts.error());
      // Half of a file that is being written is looked at again once it changes.
      manifests_[path] = stamp;
      if (!reading) {
        Complain(path, MakeError(reading.error().code, fmt::format("{}: {}", path, reading.error().message)));
        continue;
      }
      for (const std::string& warning : reading->warnings) {
        Log(LogLevel::kWarn, "dbt", {{"manifest", path}, {"warning", warning}});
      }
      if (!Write(std::move(reading->order), path)) manifests_.erase(path);
    }
  }
}

void LineageFeeds::FeedCatalogs(const Generation& generation, const std::stop_token& stop) {
  for (const auto& [name, source] : generation.config.sources) {
    if (EngineOf(source.connect.url).value_or(Engine::kDuckdb) != Engine::kPostgres) continue;
    Clock::time_point& due = catalogs_[name];
    if (Clock::now() < due || stop.stop_requested()) continue;
    const auto extract = ReadCatalogLineage(name, source.connect, hooks_.now(), stop);
    due = Clock::now() + (extract ? Clock::duration(kCatalogEach) : Clock::duration(kCatalogAgain));
    if (!extract) {
      Complain(name, extract.error());
      continue;
    }
    ReadingOrder order;
    order.extract = *extract;
    if (!Write(std::move(order), name)) due = Clock::now() + kCatalogAgain;
  }
}

bool LineageFeeds::Write(ReadingOrder order, const std::string& what) {
  const auto answered = std::make_shared<std::promise<Result<void>>>();
  auto answer = answered->get_future();
  const Result<void> added = hooks_.ingest(std::move(order), [answered](const Result<IngestReport>& report) {
    answered->set_value(report ? Result<void>() : Result<void>(report.error()));
  });
  const Result<void> written = added ? answer.get() : added;
  if (!written) Complain(what, written.error());
  if (written) said_.erase(what);
  return written.has_value();
}

void LineageFeeds::Complain(const std::string& what, const Error& error) {
  if (error.code == ErrorCode::kCancelled || said_[what] == error.message) return;
  said_[what] = error.message;
  Log(LogLevel::kWarn, "lineage could not be read; what was read before stays",
      {{"of", what}, {"error", error.message}});
}

}  // namespace amont
