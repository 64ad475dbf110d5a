// RunChecks: what its stream says, how calls of one request id share a run, and what ends it.

#include <atomic>
#include <thread>

#include "tests/server/rpc/service_fixture.h"

namespace amont::testing {
namespace {

Timestamp At(const std::string& text) { return ParseTimestamp(text).value(); }

v1::RunChecksRequest RequestOf(const std::string& id) {
  v1::RunChecksRequest request;
  request.set_request_id(id);
  return request;
}

class RunChecks : public ServiceFixture {
 protected:
  void SetUp() override { Start(); }

  // A run that concludes one table, then waits until it is released or stopped.
  void RunUntilReleased() {
    run_ = [this](const RunOrder& order, const RunSink& sink,
                  const std::stop_token& stop) -> Result<RunSummary> {
      ++runs_;
      sink.accepted(7, start_);
      sink.concluded(ConclusionOf("lab/samples", Status::kPass, start_));
      const std::stop_callback on_stop(stop, [&] {
        stopped_.Set();
        release_.Set();
      });
      began_.Set();
      EXPECT_TRUE(release_.Wait());
      if (stopped_.happened()) return MakeError(ErrorCode::kCancelled, "stopped");
      sink.concluded(ConclusionOf("shop/orders", Status::kFail, start_));
      RunSummary summary;
      summary.run = 7;
      summary.notes = {order.request_id};
      return summary;
    };
  }

  const Timestamp start_ = At("2026-11-24T06:00:00Z");
  std::atomic<int> runs_ = 0;
};

TEST_F(RunChecks, TellsProgressAndVerdictsAsTheyComeThenASummary) {
  run_ = [&](const RunOrder& order, const RunSink& sink, const std::stop_token&) -> Result<RunSummary> {
    ordered_.With([&](RunOrder& seen) { seen = order; });
    sink.accepted(7, start_);
    sink.progress({.tables = 2, .concluded = 0, .statements = 1});
    sink.concluded(ConclusionOf("lab/samples", Status::kError, start_));
    RunSummary summary;
    summary.run = 7;
    summary.started = start_;
    summary.finished = start_ + std::chrono::milliseconds(1500);
    summary.tables = 2;
    summary.statuses = {{Status::kError, 3}};
    summary.cut = {{"shop", MakeError(ErrorCode::kUnreachable, "no route")}};
    return summary;
  };
  v1::RunChecksRequest request = RequestOf("r1");
  request.mutable_selection()->add_tables("samples");
  const Ran ran = Run(request);
  EXPECT_TRUE(ran.status.ok()) << ran.status.error_message();
  ASSERT_GE(ran.events.size(), 3u);
  EXPECT_EQ(ran.events.front().accepted().request_id(), "r1");
  EXPECT_EQ(ran.events.front().accepted().run_id(), 7);
  EXPECT_FALSE(ran.events.front().accepted().joined());
  size_t verdicts = 0;
  for (const v1::RunChecksResponse& event : ran.events) {
    if (!event.has_verdict()) continue;
    ++verdicts;
    EXPECT_EQ(event.verdict().status(), v1::VERDICT_STATUS_ERROR);
    EXPECT_EQ(event.verdict().error().code(), "timeout");
    EXPECT_EQ(event.verdict().run_id(), 7);
  }
  EXPECT_EQ(verdicts, ConclusionOf("lab/samples", Status::kPass, start_).verdicts.size());
  const v1::RunSummary& summary = ran.events.back().summary();
  EXPECT_EQ(summary.duration().seconds(), 1);
  EXPECT_EQ(summary.duration().nanos(), 500'000'000);
  EXPECT_EQ(summary.source_errors(0).code(), "unreachable");
  EXPECT_EQ(ordered_.With([](const RunOrder& order) { return order.selection.tables; }),
            std::vector<std::string>{"samples"});
}

TEST_F(RunChecks, ProgressIsToldWhileItLasts) {
  run_ = [&](const RunOrder&, const RunSink& sink, const std::stop_token&) -> Result<RunSummary> {
    sink.accepted(0, start_);
    sink.progress({.tables = 5, .concluded = 2, .statements = 1});
    EXPECT_TRUE(release_.Wait());
    return RunSummary();
  };
  grpc::ClientContext context;
  Authorize(context, "");
  const auto reader = stub_->RunChecks(&context, RequestOf("r1"));
  v1::RunChecksResponse event;
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(event.has_accepted());
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.progress().tables_concluded(), 2);
  release_.Set();
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(event.has_summary());
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(RunChecks, TheSameIdJoinsTheRunInFlightAndSeesAllOfIt) {
  RunUntilReleased();
  Ran first;
  std::jthread other([&] { first = Run(RequestOf("r1")); });
  ASSERT_TRUE(began_.Wait());
  grpc::ClientContext context;
  Authorize(context, "");
  const auto reader = stub_->RunChecks(&context, RequestOf("r1"));
  v1::RunChecksResponse event;
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(event.accepted().joined());
  release_.Set();
  Ran second;
  second.events.push_back(event);
  while (reader->Read(&event)) second.events.push_back(event);
  second.status = reader->Finish();
  other.join();
  EXPECT_TRUE(first.status.ok());
  EXPECT_TRUE(second.status.ok());
  EXPECT_EQ(first.Kinds(), second.Kinds());
  EXPECT_EQ(runs_, 1);
}

TEST_F(RunChecks, TheSameIdWithAnotherSelectionIsRefused) {
  RunUntilReleased();
  std::jthread other([&] { Run(RequestOf("r1")); });
  ASSERT_TRUE(began_.Wait());
  v1::RunChecksRequest request = RequestOf("r1");
  request.mutable_selection()->add_tables("orders");
  const Ran refused = Run(request);
  EXPECT_EQ(CodeOf(refused.status), "INVALID_ARGUMENT BAD_REQUEST");
  EXPECT_EQ(DetailsOf(refused.status).violations,
            std::vector<std::string>{"request_id: `r1` runs another selection"});
  release_.Set();
}

TEST_F(RunChecks, AnIdThatRanBeforeGivesItsRecordedVerdictsAgain) {
  const RunId run = Record("r1", ConclusionOf("lab/samples", Status::kFail, start_), start_);
  run_ = [](const RunOrder&, const RunSink&, const std::stop_token&) -> Result<RunSummary> {
    return MakeError(ErrorCode::kBusy, "claimed before");
  };
  const Ran ran = Run(RequestOf("r1"));
  ASSERT_TRUE(ran.status.ok()) << ran.status.error_message();
  EXPECT_TRUE(ran.Kinds().starts_with("accepted verdict")) << ran.Kinds();
  EXPECT_TRUE(ran.Kinds().ends_with("summary")) << ran.Kinds();
  EXPECT_TRUE(ran.events.front().accepted().joined());
  EXPECT_EQ(ran.events.front().accepted().run_id(), run);
  EXPECT_EQ(ran.events[1].verdict().status(), v1::VERDICT_STATUS_FAIL);
  const v1::RunSummary& summary = ran.events.back().summary();
  EXPECT_EQ(summary.run_id(), run);
  EXPECT_EQ(summary.checks(), static_cast<int64_t>(ran.events.size()) - 2);
  EXPECT_EQ(summary.statuses(0).status(), v1::VERDICT_STATUS_FAIL);
}

TEST_F(RunChecks, AnIdThatIsRunElsewhereIsToBeAskedForAgain) {
  run_ = [](const RunOrder&, const RunSink&, const std::stop_token&) -> Result<RunSummary> {
    return MakeError(ErrorCode::kBusy, "claimed before");
  };
  EXPECT_EQ(CodeOf(Run(RequestOf("r1")).status), "ABORTED RUN_ELSEWHERE");
  ASSERT_TRUE(store_->ClaimRun({std::string(kRequestTrigger), "r2", start_}).has_value());
  const Ran unfinished = Run(RequestOf("r2"));
  EXPECT_EQ(CodeOf(unfinished.status), "ABORTED RUN_ELSEWHERE");
  EXPECT_TRUE(DetailsOf(unfinished.status).retry);
}

TEST_F(RunChecks, TheRunStopsWhenItsCallerGoes) {
  RunUntilReleased();
  grpc::ClientContext context;
  const auto reader = stub_->RunChecks(&context, RequestOf("r1"));
  ASSERT_TRUE(began_.Wait());
  context.TryCancel();
  EXPECT_TRUE(stopped_.Wait());
  v1::RunChecksResponse event;
  while (reader->Read(&event)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(RunChecks, TheRunStopsAtTheDeadlineOfItsCall) {
  RunUntilReleased();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  const auto reader = stub_->RunChecks(&context, RequestOf("r1"));
  EXPECT_TRUE(stopped_.Wait());
  v1::RunChecksResponse event;
  while (reader->Read(&event)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(RunChecks, TheRunGoesOnWhileAnybodyWatches) {
  RunUntilReleased();
  grpc::ClientContext leaving;
  const auto left = stub_->RunChecks(&leaving, RequestOf("r1"));
  ASSERT_TRUE(began_.Wait());
  grpc::ClientContext staying;
  Authorize(staying, "");
  const auto stays = stub_->RunChecks(&staying, RequestOf("r1"));
  v1::RunChecksResponse event;
  ASSERT_TRUE(stays->Read(&event));
  leaving.TryCancel();
  while (left->Read(&event)) {
  }
  EXPECT_EQ(left->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // The server counts the call that left; then nobody stopped the run.
  EXPECT_TRUE(
      handled_.WaitUntil(std::chrono::steady_clock::now() + std::chrono::seconds(60),
                         [](const auto& handled) { return handled.contains("RunChecks CANCELLED"); }));
  EXPECT_FALSE(stopped_.happened());
  release_.Set();
  std::string last;
  while (stays->Read(&event)) last = event.has_summary() ? "summary" : "";
  EXPECT_EQ(last, "summary");
  EXPECT_TRUE(stays->Finish().ok());
}

TEST_F(RunChecks, MoreRunsThanAllowedAreRefused) {
  RunUntilReleased();
  Start({{"127.0.0.1", 0}, {"127.0.0.1", 0}, {}, "", false}, {.threads = 16, .runs = 1});
  std::jthread other([&] { Run(RequestOf("r1")); });
  ASSERT_TRUE(began_.Wait());
  const Ran refused = Run(RequestOf("r2"));
  EXPECT_EQ(CodeOf(refused.status), "RESOURCE_EXHAUSTED TOO_MANY_RUNS");
  EXPECT_TRUE(DetailsOf(refused.status).retry);
  release_.Set();
  other.join();
  EXPECT_TRUE(Run(RequestOf("r2")).status.ok()) << "the place is free again";
}

TEST_F(RunChecks, WithoutAnIdEveryCallIsARunOfItsOwn) {
  release_.Set();
  RunUntilReleased();
  const Ran first = Run(RequestOf(""));
  const Ran second = Run(RequestOf(""));
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(first.events.front().accepted().request_id().size(), 32u);
  EXPECT_NE(first.events.front().accepted().request_id(), second.events.front().accepted().request_id());
}

TEST_F(RunChecks, AnIdThatIsNoneIsRefused) {
  EXPECT_EQ(DetailsOf(Run(RequestOf("two words")).status).violations,
            std::vector<std::string>{"request_id: holds other characters than printable ASCII"});
  EXPECT_EQ(DetailsOf(Run(RequestOf(std::string(129, 'x'))).status).violations,
            std::vector<std::string>{"request_id: is longer than 128 characters"});
}

TEST_F(RunChecks, WhyThereIsNoRunIsATypedStatus) {
  const auto code = [&](ErrorCode error) {
    run_ = [error](const RunOrder&, const RunSink&, const std::stop_token&) -> Result<RunSummary> {
      return MakeError(error, "why");
    };
    return CodeOf(Run({}).status);
  };
  EXPECT_EQ(code(ErrorCode::kNotFound), "NOT_FOUND NOTHING_SELECTED");
  EXPECT_EQ(code(ErrorCode::kUnreachable), "UNAVAILABLE UNREACHABLE");
  EXPECT_EQ(code(ErrorCode::kTimeout), "DEADLINE_EXCEEDED TIMEOUT");
  EXPECT_EQ(code(ErrorCode::kLimit), "RESOURCE_EXHAUSTED LIMIT");
  EXPECT_EQ(code(ErrorCode::kPermission), "FAILED_PRECONDITION PERMISSION");
  EXPECT_EQ(code(ErrorCode::kInternal), "INTERNAL INTERNAL");
  run_ = [](const RunOrder&, const RunSink&, const std::stop_token&) -> Result<RunSummary> {
    throw std::runtime_error("boom");
  };
  EXPECT_EQ(CodeOf(Run({}).status), "INTERNAL INTERNAL") << "nothing that is thrown ends the service";
}

TEST_F(RunChecks, ADrainLetsARunEndWithinItsGrace) {
  RunUntilReleased();
  Ran ran;
  std::jthread watching([&] { ran = Run(RequestOf("r1")); });
  ASSERT_TRUE(began_.Wait());
  std::jthread draining([&] { server_->Drain(std::chrono::seconds(60)); });
  v1::ListChecksResponse response;
  grpc::Status refused;
  do {  // until the drain has begun
    refused = Call(&v1::CheckService::Stub::ListChecks, v1::ListChecksRequest(), response);
  } while (refused.ok());
  EXPECT_EQ(CodeOf(refused), "UNAVAILABLE SHUTTING_DOWN");
  release_.Set();
  watching.join();
  EXPECT_TRUE(ran.status.ok());
  EXPECT_EQ(ran.Kinds().substr(ran.Kinds().rfind(' ') + 1), "summary");
}

TEST_F(RunChecks, ADrainStopsARunThatOutlastsItsGrace) {
  RunUntilReleased();
  Ran ran;
  std::jthread watching([&] { ran = Run(RequestOf("r1")); });
  ASSERT_TRUE(began_.Wait());
  server_->Drain(Duration(0));
  EXPECT_TRUE(stopped_.Wait());
  watching.join();
  EXPECT_FALSE(ran.status.ok());
}

}  // namespace
}  // namespace amont::testing
