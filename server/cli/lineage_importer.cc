#include "server/cli/lineage_importer.h"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <utility>

#include "core/quoted.h"
#include "server/app/dbt_reading.h"
#include "server/app/event_sql.h"
#include "server/app/lineage_hub.h"
#include "server/app/pause.h"
#include "server/app/run_once.h"
#include "server/clock/wall_clock.h"
#include "server/ingest/lineage_ingest.h"

namespace amont {

namespace {

constexpr size_t kAtOnce = 1'000;  // events that wait for one transaction
constexpr size_t kBytesAtOnce = 8u << 20;
constexpr int kTries = 30;  // of an event that a service has no room for
constexpr auto kAgain = std::chrono::seconds(1);

// Whether the event itself is refused, so that the next may be taken all the same.
bool IsRefused(const Error& error) {
  return error.code == ErrorCode::kInvalid || error.code == ErrorCode::kPermission;
}

class StoreImporter : public LineageImporter {
 public:
  StoreImporter(Config config, std::unique_ptr<Store> store, std::stop_token stop)
      : config_(std::move(config)), store_(std::move(store)), stop_(std::move(stop)) {
    LineageIngest::Hooks hooks;
    hooks.now = &WallClock;
    hooks.sql = [](const DatasetNaming& naming) -> ReadEventSql {
      const auto sql = std::make_shared<EventSql>(naming);
      return [sql](const OpenLineageEvent& event) { return sql->Read(event); };
    };
    ingest_ = std::make_unique<LineageIngest>(store_->Lineage(), NamingOf(config_), IngestLimits(),
                                              std::move(hooks));
    ingest_->SetNaming(NamingOf(config_));
  }

  Result<ImportedManifest> Import(const ManifestImport& import) override {
    AMONT_TRY(DbtReading reading, ReadDbtProject({import.manifest, import.catalog, import.run_results},
                                                 config_, import.source, WallClock()));
    ImportedManifest imported = SummaryOf(reading);
    auto answer = Add(std::move(reading.order));
    if (!answer) return answer.error();
    const Result<IngestReport> report = answer->get();
    if (!report) return report.error();
    return imported;
  }

  std::vector<Result<size_t>> Ingest(const std::vector<std::string_view>& events) override {
    std::vector<Result<size_t>> answers;
    while (answers.size() < events.size()) {
      std::vector<std::future<Result<IngestReport>>> waiting;
      size_t bytes = 0;
      while (answers.size() + waiting.size() < events.size() && waiting.size() < kAtOnce &&
             bytes < kBytesAtOnce) {
        IngestOrder order;
        order.text = events[answers.size() + waiting.size()];
        bytes += order.text.size();
        auto answer = Add(std::move(order));
        if (!answer) break;
        waiting.push_back(std::move(*answer));
      }
      bool written = !waiting.empty() && !stop_.stop_requested();
      for (auto& answer : waiting) {
        Result<IngestReport> report = answer.get();
        written = written && (report || IsRefused(report.error()));
        answers.push_back(report ? Result<size_t>(report->edges) : Result<size_t>(report.error()));
      }
      if (written) continue;
      if (stop_.stop_requested()) answers.push_back(MakeError(ErrorCode::kCancelled, "interrupted"));
      break;
    }
    return answers;
  }

 private:
  template <class Order>
  Result<std::future<Result<IngestReport>>> Add(Order order) {
    const auto answered = std::make_shared<std::promise<Result<IngestReport>>>();
    auto answer = answered->get_future();
    AMONT_TRY_VOID(ingest_->Add(std::move(order), [answered](Result<IngestReport> report) {
      answered->set_value(std::move(report));
    }));
    return answer;
  }

  const Config config_;
  std::unique_ptr<Store> store_;
  const std::stop_token stop_;
  std::unique_ptr<LineageIngest> ingest_;  // writes into the store until it is gone
};

class ServiceImporter : public LineageImporter {
 public:
  ServiceImporter(std::unique_ptr<Client> client, std::stop_token stop)
      : client_(std::move(client)), stop_(std::move(stop)) {}

  Result<ImportedManifest> Import(const ManifestImport& import) override {
    AMONT_TRY(const v1::ImportManifestResponse response, client_->ImportManifest(import, stop_));
    ImportedManifest imported;
    imported.project = response.origin();
    imported.nodes = static_cast<size_t>(response.nodes());
    imported.edges = static_cast<size_t>(response.edges());
    imported.warnings.assign(response.warnings().begin(), response.warnings().end());
    return imported;
  }

  std::vector<Result<size_t>> Ingest(const std::vector<std::string_view>& events) override {
    std::vector<Result<size_t>> answers;
    for (const std::string_view event : events) {
      v1::IngestEventRequest request;
      request.set_event(std::string(event));
      auto response = client_->Call(request, stop_);
      for (int i = 1; i < kTries && !response && response.error().code == ErrorCode::kLimit; ++i) {
        if (!Pause(kAgain, stop_)) break;
        response = client_->Call(request, stop_);
      }
      answers.push_back(response ? Result<size_t>(static_cast<size_t>(response->edges()))
                                 : Result<size_t>(response.error()));
      if (!response && !IsRefused(response.error())) break;
    }
    return answers;
  }

 private:
  std::unique_ptr<Client> client_;
  const std::stop_token stop_;
};

}  // namespace

std::unique_ptr<LineageImporter> OpenImporter(const CommandContext& context, const PlaceFlags& flags,
                                              const std::string& source, int& code) {
  if (!flags.server.empty() && !flags.store.empty()) {
    code = Complain("--server asks a service, --store writes a store: leave one out", exit_code::kUsage);
    return nullptr;
  }
  if (flags.store == kNoStore) {
    code = Complain("--store none would remember nothing of it", exit_code::kUsage);
    return nullptr;
  }
  std::string server = flags.server;
  if (server.empty() && flags.store.empty()) server = ProcessEnvironment()("AMONT_SERVER").value_or("");
  if (!server.empty()) {
    auto client = OpenClient(server, code);
    if (client == nullptr) return nullptr;
    return std::make_unique<ServiceImporter>(std::move(client), context.stop);
  }
  auto config = ReadConfig(context, Secrets::kOptional);
  if (!config) {
    code = exit_code::kConfiguration;
    return nullptr;
  }
  if (!source.empty() && !config->sources.contains(source)) {
    code = Complain(fmt::format("--source: there is no source {}", Quoted(source)), exit_code::kUsage);
    return nullptr;
  }
  auto store = OpenStore(StoreUrlToRead(*config, flags.store), StoreMode::kWrite, config->store.password);
  if (store) return std::make_unique<StoreImporter>(std::move(*config), std::move(*store), context.stop);
  std::string message = store.error().message;
  if (store.error().code == ErrorCode::kBusy) message += "; --server HOST:PORT gives it to the service";
  code = Complain(
      message, store.error().code == ErrorCode::kInvalid ? exit_code::kConfiguration : exit_code::kUnknown);
  return nullptr;
}

}  // namespace amont
