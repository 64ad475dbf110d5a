#include "server/app/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <optional>
#include <thread>
#include <utility>

#include "core/log.h"
#include "server/app/configuration.h"
#include "server/app/follower.h"
#include "server/app/http_routes.h"
#include "server/app/in_force.h"
#include "server/app/leadership.h"
#include "server/app/lineage_hub.h"
#include "server/app/pause.h"
#include "server/app/rpc_backend.h"
#include "server/app/run_once.h"
#include "server/app/schedule_loop.h"
#include "server/app/source_probe.h"
#include "server/app/wildcard_checks.h"
#include "server/clock/wall_clock.h"
#include "server/rpc/server.h"
#include "server/rpc/tokens.h"

namespace amont {

namespace {

using namespace std::chrono_literals;

constexpr Duration kLastWrites = 500ms;  // of runs that a drain stopped, before the store is closed

std::string HolderName() {
  std::array<char, 256> host = {};
  if (gethostname(host.data(), host.size() - 1) != 0) host = {'?'};
  return fmt::format("{}:{}", host.data(), getpid());
}

bool IsSqlite(const std::string& url) { return url.starts_with("sqlite:"); }

// The store that the configuration names, even where other parts of it have mistakes.
Result<std::unique_ptr<Store>> OpenServiceStore(const ServiceOptions& options, std::string& url) {
  Diagnostics ignored;  // Configuration says what is wrong
  AMONT_TRY(const Config config, LoadConfig(options.config_path, options.environment, ignored));
  url = config.store.url;
  return OpenStore(url, StoreMode::kServe, config.store.password);
}

// Requested runs that an earlier process left: nobody else can have this store open.
Result<void> ReleaseRequests(Store& store) {
  AMONT_TRY(const std::vector<RunRow> runs, store.ReadRuns(std::string(kRequestTrigger), Timestamp()));
  for (const RunRow& run : runs) {
    if (!run.finished) AMONT_TRY_VOID(store.ReleaseRun({run.id, 0, {}}, WallClock()));
  }
  return {};
}

}  // namespace

struct Service::Parts {
  explicit Parts(ServiceOptions given) : options(std::move(given)) {}
  ~Parts() { Drain(Duration(0)); }

  Result<void> Open();
  Result<void> Listen();
  void KeepLease(const std::stop_token& stop);
  void FollowOthers(const std::stop_token& stop) const;
  void WatchStore(const std::stop_token& stop);
  void ReloadWhenAsked(const std::stop_token& stop);
  void PutInForce(bool whole);
  void ShowChecks(const Generation& generation);
  Result<void> Reload();
  HttpHooks MakeHttpHooks();
  Admitted AdmitBearer(const std::string& token, Scope scope) const;
  Result<void> ReloadListeners();
  Result<void> WritePorts() const;
  void Drain(Duration patience);

  const ServiceOptions options;
  Canceller canceller;
  Instruments instruments;
  StateMap states;
  MetricsPage page{states, instruments};
  std::unique_ptr<Store> store;
  std::unique_ptr<Configuration> configuration;
  bool alone = false;     // no other process can have the store open
  ServeConfig listening;  // as it was at the start; a reload opens no other address
  std::unique_ptr<Leadership> leadership;
  std::unique_ptr<Follower> follower;
  std::unique_ptr<ScheduleLoop> schedule;
  std::unique_ptr<SourceProbe> probe;
  std::unique_ptr<LineageHub> lineage;
  std::unique_ptr<RpcBackend> backend;
  std::unique_ptr<RpcServer> rpc;
  std::unique_ptr<HttpServer> http;
  Guarded<bool> draining;
  Guarded<int> reloads;  // one at a time
  Guarded<bool> reload_asked;
  Guarded<std::optional<std::chrono::steady_clock::time_point>>
      waiting;  // since when the lease's thread does
  std::jthread lease;
  std::jthread following;
  std::jthread watchdog;
  std::jthread reloader;
};

Result<void> Service::Parts::Open() {
  std::string url;
  AMONT_TRY(store, OpenServiceStore(options, url));
  configuration = std::make_unique<Configuration>(options.config_path, options.environment, canceller);
  AMONT_TRY_VOID(configuration->Load(*store));
  AMONT_TRY(const std::vector<CheckState> known, store->ReadStates());
  states.Load(known);
  if (IsSqlite(url)) AMONT_TRY_VOID(ReleaseRequests(*store));
  lineage = std::make_unique<LineageHub>(*store, states, instruments, page);
  AMONT_TRY_VOID(lineage->Start(configuration->Get()));
  PutInForce(true);
  page.Render();
  listening = configuration->Get()->config.serve;
  alone = IsSqlite(url);
  const Duration term = configuration->Get()->config.store.lease;
  leadership = std::make_unique<Leadership>(*store, HolderName(), term, alone);
  follower = std::make_unique<Follower>(*store, *leadership, *configuration, states, term);
  lineage->Feed([this] { return leadership->epoch().has_value(); });
  return {};
}

// Shows the configuration that is now in force.
void Service::Parts::PutInForce(bool whole) {
  const std::shared_ptr<const Generation> generation = configuration->Get();
  std::vector<std::string> sources;
  for (const auto& [name, source] : generation->config.sources) sources.push_back(name);
  instruments.KnowSources(sources);
  std::vector<std::string> invalid;
  for (const InvalidFile& file : generation->invalid) invalid.push_back(file.path);
  instruments.ConfigReloaded(whole, WallClock(), invalid);
  LogInForce(generation->config, generation->invalid.size());
  // The leader's loop does so itself, with what wildcards found.
  if (!leadership || !leadership->epoch()) ShowChecks(*generation);
  if (lineage) lineage->PutInForce(generation);
  if (schedule) schedule->Wake();
}

// The declared checks, and those of wildcards as far as the store knows them.
void Service::Parts::ShowChecks(const Generation& generation) {
  const Result<WildcardTables> tables = ReadWildcardTables(generation.config, *store);
  if (!tables) {
    Log(LogLevel::kWarn, "which tables wildcards matched cannot be read yet",
        {{"error", tables.error().message}});
  }
  const WildcardChecks found = tables ? ChecksOfWildcards(generation.config, *tables, {}) : WildcardChecks();
  states.Replace(WithWildcards(generation.config.declarations, found), generation.config.surroundings.owners);
}

Result<void> Service::Parts::Listen() {
  const ServeConfig& serve = listening;
  const RunLedger ledger{*store, states, instruments,
                         [this](int64_t number) { return configuration->Get()->number == number; }};
  backend = std::make_unique<RpcBackend>(*configuration, ledger, *follower, HolderName(), canceller,
                                         lineage->Backend());
  AMONT_TRY(rpc, RpcServer::Start(serve, backend->Get()));
  HttpOptions http_options;
  http_options.host = serve.http.host;
  http_options.port = serve.http.port;
  if (serve.tls) http_options.tls = HttpTls{serve.tls->cert_file, serve.tls->key_file};
  AMONT_TRY(http, HttpServer::Start(http_options, ServiceRoutes(page, MakeHttpHooks())));
  AMONT_TRY_VOID(WritePorts());

  schedule = std::make_unique<ScheduleLoop>(*configuration, *leadership, ledger, [this](bool leads) {
    instruments.SetLeader(leads);
    page.SetLeading(leads);
  });
  probe = std::make_unique<SourceProbe>(*configuration, *leadership, states);
  lease = std::jthread([this](const std::stop_token& stop) { KeepLease(stop); });
  if (!alone) following = std::jthread([this](const std::stop_token& stop) { FollowOthers(stop); });
  watchdog = std::jthread([this](const std::stop_token& stop) { WatchStore(stop); });
  reloader = std::jthread([this](const std::stop_token& stop) { ReloadWhenAsked(stop); });
  return {};
}

Result<void> Service::Parts::WritePorts() const {
  const ServeConfig& serve = listening;
  const std::string grpc = ListenAddress{serve.grpc.host, rpc->port()}.Text();
  const std::string web = ListenAddress{serve.http.host, http->port()}.Text();
  Log(LogLevel::kInfo, "serves", {{"grpc", grpc}, {"http", web}, {"config", options.config_path}});
  if (options.port_file.empty()) return {};
  // Whole or not there: whoever waits for it reads both lines.
  const std::string unfinished = options.port_file + ".part";
  std::ofstream(unfinished) << "grpc=" << grpc << "\nhttp=" << web << "\n";
  if (std::rename(unfinished.c_str(), options.port_file.c_str()) == 0) return {};
  return MakeError(ErrorCode::kInvalid, fmt::format("--port-file: cannot write {}", options.port_file));
}

void Service::Parts::KeepLease(const std::stop_token& stop) {
  bool said = false;  // that the store is away
  while (!stop.stop_requested()) {
    const std::optional<int64_t> before = leadership->epoch();
    waiting.With([](auto& since) { since = std::chrono::steady_clock::now(); });
    const Result<void> stepped = leadership->Step();
    waiting.With([](auto& since) { since.reset(); });
    if (!stepped && !std::exchange(said, true)) {
      Log(LogLevel::kWarn, "the store cannot be reached", {{"error", stepped.error().message}});
    }
    if (stepped && std::exchange(said, false)) Log(LogLevel::kInfo, "the store is back");
    if (leadership->epoch() != before) schedule->Wake();
    Pause(leadership->pause(), stop);
  }
}

// A store that is away is said by whoever keeps the lease.
void Service::Parts::FollowOthers(const std::stop_token& stop) const {
  while (!stop.stop_requested()) {
    static_cast<void>(follower->Step());
    Pause(follower->pause(), stop);
  }
}

// A store that takes a connection and then says nothing more would be waited for without end.
void Service::Parts::WatchStore(const std::stop_token& stop) {
  const Duration patience = leadership->pause() * 3;
  while (Pause(std::min<Duration>(patience, 1s), stop)) {
    const auto since = waiting.With([](const auto& now) { return now; });
    if (!since || std::chrono::steady_clock::now() - *since < patience) continue;
    Log(LogLevel::kWarn, "the store says nothing; its sessions are given up");
    store->Interrupt();
  }
}

// What tokens_file and [serve] tls name now. Each that is wrong stays as it was; the first mistake is
// returned.
Result<void> Service::Parts::ReloadListeners() {
  ServeConfig serve = configuration->Get()->config.serve;
  if (serve.grpc != listening.grpc || serve.http != listening.http) {
    Log(LogLevel::kWarn, "[serve] grpc and http are listened to from the next start on",
        {{"grpc", serve.grpc.Text()}, {"http", serve.http.Text()}});
  }
  serve.grpc = listening.grpc;
  serve.http = listening.http;
  const Result<void> reloaded = rpc->Reload(serve);
  if (!serve.tls) return reloaded;
  const Result<void> tls = http->ReloadTls({serve.tls->cert_file, serve.tls->key_file});
  return reloaded ? tls : reloaded;
}

// Each part that has a mistake stays as it was, and the others apply.
Result<void> Service::Parts::Reload() {
  return reloads.With([&](int&) -> Result<void> {
    if (draining.With([](bool now) { return now; })) {
      return MakeError(ErrorCode::kCancelled, "the service is stopping");
    }
    const Result<void> configured = configuration->Reload(*store);
    const Result<void> listeners = ReloadListeners();
    const Result<void> reloaded = configured ? listeners : configured;
    PutInForce(reloaded.has_value());
    if (reloaded) {
      Log(LogLevel::kInfo, "reloaded", {{"config", options.config_path}});
    } else {
      Log(LogLevel::kError, "not reloaded as a whole; where the mistake is, what was in force stays",
          {{"error", reloaded.error().message}});
    }
    return reloaded;
  });
}

void Service::Parts::ReloadWhenAsked(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { reload_asked.Wake(); });
  while (!stop.stop_requested()) {
    const bool asked = reload_asked.WaitThen([&](bool wanted) { return wanted || stop.stop_requested(); },
                                             [](bool& wanted) { return std::exchange(wanted, false); });
    if (asked && !stop.stop_requested()) static_cast<void>(Reload());
  }
}

Admitted Service::Parts::AdmitBearer(const std::string& token, Scope scope) const {
  const std::shared_ptr<const Tokens> known = rpc->tokens();
  if (known == nullptr) return {Access::kGranted, {}, {}};
  const Token* found = known->Find(token);
  if (found == nullptr) return {Access::kUnknown, {}, {}};
  return {found->scopes.contains(scope) ? Access::kGranted : Access::kForbidden, found->name, found->sources};
}

HttpHooks Service::Parts::MakeHttpHooks() {
  HttpHooks hooks;
  hooks.ready = [this] { return states.loaded() && !draining.With([](bool now) { return now; }); };
  hooks.admit = [this](const std::string& token, Scope scope) { return AdmitBearer(token, scope); };
  hooks.lineage = lineage->Hooks();
  hooks.reload = [this] {
    const Result<void> reloaded = Reload();
    if (!reloaded) return HttpHooks::Reloaded{false, reloaded.error().message};
    std::string text;
    for (const InvalidFile& file : configuration->Get()->invalid) {
      text += fmt::format("{}{}\n", file.reason, file.kept ? " (its last accepted text is in force)" : "");
    }
    return HttpHooks::Reloaded{text.empty(), text};
  };
  return hooks;
}

void Service::Parts::Drain(Duration patience) {
  const bool first = draining.With([](bool& now) { return !std::exchange(now, true); });
  if (!first) return;
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto left = [&]() -> Duration {
    return std::max<Duration>(Duration(0),
                              std::chrono::duration_cast<Duration>(until - std::chrono::steady_clock::now()));
  };
  // A store that says nothing is waited for no longer than the runs.
  const std::jthread closing([&](const std::stop_token& stop) {
    for (bool waited = Pause(patience + kLastWrites, stop); waited; waited = Pause(100ms, stop)) {
      if (store) store->Close();
    }
  });
  if (rpc) rpc->SetServing(false);
  probe.reset();
  if (schedule) schedule->Drain(left());
  if (rpc) rpc->Drain(left());
  for (std::jthread* thread : {&reloader, &lease, &following, &watchdog}) {
    thread->request_stop();
    if (thread->joinable()) thread->join();
  }
  if (lineage) lineage->Stop();  // whoever waits over HTTP is answered: no connection may sleep when it stops
  if (http) http->Stop();        // before the schedule goes: a reload wakes it
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Service::~Service() = default;

Result<std::unique_ptr<Service>> Service::Start(ServiceOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  AMONT_TRY_VOID(parts->Open());
  // A reload that is asked for already waits until everything is there.
  AMONT_TRY_VOID(parts->reloads.With([&](int&) { return parts->Listen(); }));
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

void Service::AskReload() {
  parts_->reload_asked.With([](bool& wanted) { wanted = true; });
  parts_->reload_asked.Notify();
}

void Service::Run(std::stop_token stop) {
  Guarded<bool> ended;
  const std::stop_callback wake(stop, [&ended] {
    ended.With([](bool& now) { now = true; });
    ended.Notify();
  });
  ended.WaitThen([](bool now) { return now; }, [](bool) {});
  Log(LogLevel::kInfo, "draining");
  parts_->Drain(parts_->options.patience);
  Log(LogLevel::kInfo, "ended");
}

}  // namespace amont
