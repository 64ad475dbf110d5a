#include "server/telemetry/instruments.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <set>
#include <sstream>

#include "core/guarded.h"
#include "core/version.h"
#include "server/telemetry/exposition.h"
#include "server/telemetry/process_text.h"

namespace amont {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

// Seconds. A run of a warehouse takes minutes at worst, a statement its timeout, an RPC mostly nothing.
const Histogram::BucketBoundaries kRunSeconds = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900};
const Histogram::BucketBoundaries kStatementSeconds = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5,
                                                       1,     5,     10,   30,   60,  120};
const Histogram::BucketBoundaries kLagSeconds = {0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900};
const Histogram::BucketBoundaries kRpcSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05,
                                                 0.1,    0.5,   1,      10,    60};

double Seconds(Duration span) { return std::chrono::duration<double>(span).count(); }
double Seconds(Timestamp at) { return Seconds(at.time_since_epoch()); }

Family<Counter>& AddCounter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Family<Gauge>& AddGauge(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Family<Histogram>& AddHistogram(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

std::string TextOf(const Registry& registry) {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, registry.Collect());
  return std::move(text).str();
}

prometheus::Labels Of(std::string_view source) { return {{"source", LabelValue(source)}}; }

prometheus::Labels Of(std::string_view type, std::string_view service, std::string_view method) {
  return {{"grpc_type", LabelValue(type)},
          {"grpc_service", LabelValue(service)},
          {"grpc_method", LabelValue(method)}};
}

}  // namespace

struct Instruments::Families {
  Registry process;
  Registry sources;
  Guarded<std::set<std::string>> invalid_files;

  Family<Counter>& runs = AddCounter(sources, "amont_runs_total", "Runs that ended.");
  Family<Counter>& run_failures = AddCounter(sources, "amont_run_failures_total",
                                             "Runs that could not measure or record all they should.");
  Family<Histogram>& run_seconds = AddHistogram(sources, "amont_run_duration_seconds", "How long runs took.");
  Family<Counter>& statements = AddCounter(sources, "amont_statements_total", "Statements sent.");
  Family<Histogram>& statement_seconds =
      AddHistogram(sources, "amont_statement_duration_seconds", "How long statements took.");

  Histogram& lag =
      AddHistogram(process, "amont_scheduler_lag_seconds", "How late slots started.").Add({}, kLagSeconds);
  Counter& missed = AddCounter(process, "amont_slots_missed_total",
                               "Slots that were not started before the next one was due.")
                        .Add({});
  Gauge& tick = AddGauge(process, "amont_scheduler_last_tick_timestamp_seconds",
                         "When the scheduler last looked what is due.")
                    .Add({});
  Gauge& leader = AddGauge(process, "amont_leader", "Whether this replica schedules and sends.").Add({});
  Gauge& reload_successful =
      AddGauge(process, "amont_config_last_reload_successful", "Whether the last reload took every file.")
          .Add({});
  Gauge& reload_time = AddGauge(process, "amont_config_last_reload_success_timestamp_seconds",
                                "When a reload last took every file.")
                           .Add({});
  Family<Counter>& rpcs_started =
      AddCounter(process, "grpc_server_started_total", "RPCs started on the server.");
  Family<Counter>& rpcs_handled = AddCounter(process, "grpc_server_handled_total",
                                             "RPCs completed on the server, whatever came of them.");
  Family<Histogram>& rpc_seconds =
      AddHistogram(process, "grpc_server_handling_seconds", "How long RPCs took on the server.");

  Family<Counter>& lineage_events = AddCounter(process, "amont_lineage_events_total",
                                               "Lineage events that came in, and what became of them.");
  Family<Counter>& lineage_statements =
      AddCounter(process, "amont_lineage_statements_total",
                 "SQL statements read for lineage, and how much of each was understood.");
  Family<Gauge>& lineage_edges =
      AddGauge(process, "amont_lineage_edges", "Edges of lineage that hold now, by who says so.");

  Families() {
    for (const char* status : {"accepted", "rejected", "limited", "failed"}) {
      lineage_events.Add({{"status", status}});
    }
    for (const char* status : {"resolved", "partial", "failed"}) lineage_statements.Add({{"status", status}});
    AddGauge(process, "amont_build_info", "1, with the version that was built.")
        .Add({{"version", std::string(Version())}, {"revision", std::string(GitRevision())}})
        .Set(1);
  }
};

Instruments::Instruments() : families_(std::make_unique<Families>()) {}
Instruments::~Instruments() = default;

void Instruments::KnowSources(const std::vector<std::string>& sources) {
  for (const std::string& source : sources) {
    families_->runs.Add(Of(source));
    families_->run_failures.Add(Of(source));
  }
}

void Instruments::RunFinished(std::string_view source, Duration took, bool failed) {
  families_->runs.Add(Of(source)).Increment();
  families_->run_failures.Add(Of(source)).Increment(failed ? 1 : 0);
  families_->run_seconds.Add(Of(source), kRunSeconds).Observe(Seconds(took));
}

void Instruments::StatementFinished(std::string_view source, std::string_view statement_class,
                                    Duration took) {
  prometheus::Labels labels = Of(source);
  labels["class"] = LabelValue(statement_class);
  families_->statements.Add(labels).Increment();
  families_->statement_seconds.Add(labels, kStatementSeconds).Observe(Seconds(took));
}

void Instruments::SlotStarted(Duration lag) { families_->lag.Observe(Seconds(lag)); }
void Instruments::SlotsMissed(int64_t slots) { families_->missed.Increment(static_cast<double>(slots)); }
void Instruments::Ticked(Timestamp now) { families_->tick.Set(Seconds(now)); }
void Instruments::SetLeader(bool leads) { families_->leader.Set(leads ? 1 : 0); }

void Instruments::ConfigReloaded(bool successful, Timestamp now,
                                 const std::vector<std::string>& invalid_files) {
  families_->reload_successful.Set(successful ? 1 : 0);
  if (successful) families_->reload_time.Set(Seconds(now));
  families_->invalid_files.With([&](std::set<std::string>& files) {
    files = {invalid_files.begin(), invalid_files.end()};
  });
}

void Instruments::RpcStarted(std::string_view type, std::string_view service, std::string_view method) {
  families_->rpcs_started.Add(Of(type, service, method)).Increment();
}

void Instruments::RpcHandled(std::string_view type, std::string_view service, std::string_view method,
                             std::string_view code, Duration took) {
  prometheus::Labels labels = Of(type, service, method);
  families_->rpc_seconds.Add(labels, kRpcSeconds).Observe(Seconds(took));
  labels["grpc_code"] = LabelValue(code);
  families_->rpcs_handled.Add(labels).Increment();
}

void Instruments::LineageEvents(std::string_view status, size_t count) {
  families_->lineage_events.Add({{"status", std::string(status)}}).Increment(static_cast<double>(count));
}

void Instruments::LineageStatement(std::string_view status) {
  families_->lineage_statements.Add({{"status", std::string(status)}}).Increment();
}

void Instruments::SetLineageEdges(std::string_view provenance, size_t count) {
  families_->lineage_edges.Add({{"provenance", std::string(provenance)}}).Set(static_cast<double>(count));
}

std::string Instruments::ProcessText() const {
  std::string text = TextOf(families_->process);
  AppendHead(text, "amont_config_file_invalid", MetricType::kGauge,
             "1 for a file whose last accepted version is in force instead.");
  families_->invalid_files.With([&](const std::set<std::string>& files) {
    for (const std::string& file : files) {
      text += "amont_config_file_invalid{";
      AppendLabel(text, "file", file);
      text += "} 1\n";
    }
  });
  AppendProcessText(text);
  return text;
}

std::string Instruments::SourceText() const { return TextOf(families_->sources); }

}  // namespace amont
