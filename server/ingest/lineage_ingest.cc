#include "server/ingest/lineage_ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "core/log.h"
#include "lineage/expiry.h"
#include "server/ingest/reading_digest.h"

namespace amont {

namespace {

// Whether a token that is bound to sources may say so of their tables.
bool MayWrite(const IngestOrder& order, const Extract& extract) {
  return order.sources.empty() ||
         std::all_of(extract.edges.begin(), extract.edges.end(), [&](const Edge& edge) {
           return !edge.downstream.node.IsTable() || order.sources.contains(edge.downstream.node.space);
         });
}

// A complete reading that says what the one before said changes nothing: what holds, holds on. But for what
// would be forgotten when nobody says it again: that is written once a week all the same.
Result<void> WriteOnce(LineageTransaction& transaction, const Extract& extract) {
  if (!extract.complete) return WriteExtract(transaction, extract);
  std::string digest = DigestOfReading(extract);
  if (ExpiresAt(extract.provenance, extract.at, {})) {
    digest +=
        fmt::format("@{}", std::chrono::floor<std::chrono::weeks>(extract.at).time_since_epoch().count());
  }
  AMONT_TRY(const std::string before, transaction.ReadDigest(extract.provenance, extract.origin));
  if (before == digest) return {};
  AMONT_TRY_VOID(WriteExtract(transaction, extract));
  return transaction.PutDigest(extract.provenance, extract.origin, digest);
}

Result<void> WriteReading(LineageTransaction& transaction, const ReadingOrder& order) {
  AMONT_TRY_VOID(transaction.AddStatements(order.statements));
  AMONT_TRY_VOID(WriteOnce(transaction, order.extract));
  for (const Extract& extract : order.further) AMONT_TRY_VOID(WriteOnce(transaction, extract));
  return {};
}

}  // namespace

LineageIngest::LineageIngest(LineageStore& store, DatasetNaming naming, const IngestLimits& limits,
                             Hooks hooks)
    : store_(store), limits_(limits), hooks_(std::move(hooks)), learner_(std::move(naming)), thread_([this] {
        Work();
      }) {}

LineageIngest::~LineageIngest() { Stop(); }

Result<void> LineageIngest::Add(IngestOrder order, Answer answer) {
  const size_t bytes = order.text.size();
  return Push({std::move(order), std::move(answer), bytes});
}

Result<void> LineageIngest::Add(ReadingOrder order, Answer answer) {
  return Push({std::move(order), std::move(answer), 0});
}

Result<void> LineageIngest::Push(Job job) {
  const Result<void> pushed = queue_.With([&](Queue& queue) -> Result<void> {
    if (queue.stopped) return MakeError(ErrorCode::kCancelled, "the service is stopping");
    // One order is taken whatever its size, or it never would be.
    const bool fits = queue.jobs.size() < limits_.orders && queue.bytes + job.bytes <= limits_.bytes;
    if (!fits && !queue.jobs.empty()) {
      return MakeError(ErrorCode::kLimit, "more lineage comes in than can be written; send it again later");
    }
    queue.bytes += job.bytes;
    queue.jobs.push_back(std::move(job));
    return {};
  });
  if (pushed) queue_.Notify();
  if (!pushed && pushed.error().code == ErrorCode::kLimit) Count("limited", 1);
  return pushed;
}

void LineageIngest::SetNaming(DatasetNaming naming) {
  queue_.With([&](Queue& queue) { queue.naming = std::make_unique<DatasetNaming>(std::move(naming)); });
}

void LineageIngest::Stop() {
  queue_.With([](Queue& queue) { queue.stopped = true; });
  queue_.Notify();
  if (thread_.joinable()) thread_.join();
}

// Waits for something to do; nothing: all is done and no more will come.
std::vector<LineageIngest::Job> LineageIngest::Take() {
  return queue_.WaitThen([](const Queue& queue) { return queue.stopped || !queue.jobs.empty(); },
                         [this](Queue& queue) {
                           std::vector<Job> jobs;
                           size_t bytes = 0;
                           while (!queue.jobs.empty() && bytes < limits_.bytes_at_once) {
                             bytes += queue.jobs.front().bytes;
                             jobs.push_back(std::move(queue.jobs.front()));
                             queue.jobs.pop_front();
                           }
                           queue.bytes -= bytes;
                           if (queue.naming != nullptr) {
                             if (hooks_.sql) read_sql_ = hooks_.sql(*queue.naming);
                             learner_.SetNaming(std::move(*queue.naming));
                           }
                           queue.naming.reset();
                           return jobs;
                         });
}

void LineageIngest::Work() {
  for (std::vector<Job> jobs = Take(); !jobs.empty(); jobs = Take()) Handle(std::move(jobs));
}

void LineageIngest::Count(std::string_view status, size_t count) const {
  if (hooks_.events && count > 0) hooks_.events(status, count);
}

// What was read of the jobs, and the jobs themselves at the same places; those that were refused are answered
// and gone.
struct LineageIngest::Round {
  std::vector<Job> jobs;
  std::vector<ReadOrder> orders;
  std::vector<const ReadingOrder*> readings;
  std::vector<EventLineage> of_sql;
};

LineageIngest::Round LineageIngest::Read(std::vector<Job> jobs) {
  Round round;
  round.jobs.reserve(jobs.size());  // its elements are pointed to
  const Timestamp now = hooks_.now();
  for (Job& job : jobs) {
    Result<ReadOrder> read = ReadOrder();
    if (auto* order = std::get_if<IngestOrder>(&job.order)) {
      read = learner_.Read(*order, now);
      order->text = {};  // what was read of it is enough
    }
    if (!read) {
      Count("rejected", 1);
      job.answer(read.error());
      continue;
    }
    if (const auto* order = std::get_if<IngestOrder>(&job.order); order != nullptr && read_sql_) {
      for (const ReadEvent& event : read->events) {
        auto lineage = read_sql_(event.event);
        if (lineage && MayWrite(*order, lineage->extract)) round.of_sql.push_back(std::move(*lineage));
      }
    }
    round.jobs.push_back(std::move(job));
    if (const auto* reading = std::get_if<ReadingOrder>(&round.jobs.back().order)) {
      round.readings.push_back(reading);
      read->report.edges = reading->extract.edges.size();
      for (const Extract& extract : reading->further) read->report.edges += extract.edges.size();
    }
    round.orders.push_back(std::move(*read));
  }
  return round;
}

Result<void> LineageIngest::Write(Round& round) {
  bool any = !round.readings.empty();
  for (const ReadOrder& order : round.orders) any |= !order.events.empty();
  if (!any) return {};
  const Result<int64_t> done = store_.WriteLineage([&](LineageTransaction& transaction) -> Result<void> {
    for (const ReadingOrder* reading : round.readings) AMONT_TRY_VOID(WriteReading(transaction, *reading));
    for (const EventLineage& lineage : round.of_sql) {
      AMONT_TRY_VOID(transaction.AddStatements(lineage.statements));
      AMONT_TRY_VOID(WriteExtract(transaction, lineage.extract));
    }
    return learner_.Write(transaction, round.orders);
  });
  if (!done) {
    Log(LogLevel::kError, "lineage could not be written", {{"error", done.error().message}});
    return done.error();
  }
  if (hooks_.written) hooks_.written();
  if (hooks_.statement) {
    for (const ReadingOrder* reading : round.readings) {
      for (const ReadStatement& statement : reading->statements) hooks_.statement(statement.end);
    }
    for (const EventLineage& lineage : round.of_sql) {
      for (const ReadStatement& statement : lineage.statements) hooks_.statement(statement.end);
    }
  }
  return {};
}

void LineageIngest::Handle(std::vector<Job> jobs) {
  Round round = Read(std::move(jobs));
  const Result<void> written = Write(round);
  std::map<std::string, size_t> by_token;
  for (size_t i = 0; i < round.jobs.size(); ++i) {
    IngestReport& report = round.orders[i].report;
    const size_t events = round.orders[i].events.size();
    Count("rejected", report.failures.size());
    Count(written ? "accepted" : "failed", events);
    const auto* order = std::get_if<IngestOrder>(&round.jobs[i].order);
    if (written && order != nullptr && !order->token.empty()) by_token[order->token] += events;
  }
  for (const auto& [token, events] : by_token) {
    Log(LogLevel::kInfo, "lineage events were written",
        {{"token", token}, {"events", std::to_string(events)}});
  }
  for (size_t i = 0; i < round.jobs.size(); ++i) {
    if (written) {
      round.jobs[i].answer(std::move(round.orders[i].report));
    } else {
      round.jobs[i].answer(written.error());
    }
  }
}

}  // namespace amont
