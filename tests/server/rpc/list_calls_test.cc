// The calls that only read: what they give, page by page, and what they refuse.

#include <functional>
#include <set>
#include <thread>

#include "core/limits.h"
#include "tests/server/rpc/service_fixture.h"

namespace amont::testing {
namespace {

using Stub = v1::CheckService::Stub;

Timestamp At(const std::string& text) { return ParseTimestamp(text).value(); }

class ListCalls : public ServiceFixture {
 protected:
  void SetUp() override { Start(); }

  std::vector<std::string> ListedIds(const v1::ListChecksRequest& request) {
    v1::ListChecksResponse response;
    const grpc::Status status = Call(&Stub::ListChecks, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<std::string> ids;
    for (const v1::Check& check : response.checks()) ids.push_back(check.id());
    return ids;
  }
  std::vector<std::string> AllIds() const {
    std::set<std::string> ids;
    for (const CheckPtr& check : config_->Get()->declarations.checks) ids.insert(check->id);
    return {ids.begin(), ids.end()};
  }
  grpc::Status ListStatus(const v1::ListChecksRequest& request) {
    v1::ListChecksResponse response;
    return Call(&Stub::ListChecks, request, response);
  }
};

TEST_F(ListCalls, ChecksComePageByPageInTheOrderOfTheirIds) {
  v1::ListChecksRequest request;
  EXPECT_EQ(ListedIds(request), AllIds());
  for (const int size : {1, 2, 3, static_cast<int>(AllIds().size())}) {
    request.set_page_size(size);
    request.clear_page_token();
    std::vector<std::string> seen;
    for (size_t page = 0; page <= AllIds().size(); ++page) {
      v1::ListChecksResponse response;
      ASSERT_TRUE(Call(&Stub::ListChecks, request, response).ok());
      EXPECT_LE(response.checks_size(), size);
      for (const v1::Check& check : response.checks()) seen.push_back(check.id());
      if (response.next_page_token().empty()) break;
      EXPECT_EQ(response.checks_size(), size);
      request.set_page_token(response.next_page_token());
    }
    EXPECT_EQ(seen, AllIds()) << size;
  }
}

TEST_F(ListCalls, ChecksAreFilteredByEverythingThatASelectionNames) {
  const auto listed = [&](const std::function<void(v1::ListChecksRequest&)>& filter) {
    v1::ListChecksRequest request;
    filter(request);
    std::set<std::string> tables;
    for (const std::string& id : ListedIds(request)) tables.insert(id.substr(0, id.find(':')));
    return tables;
  };
  const std::set<std::string> orders = {"shop/orders"};
  EXPECT_EQ(listed([](auto& r) { r.mutable_selection()->add_tables("orders"); }), orders);
  EXPECT_EQ(listed([](auto& r) { r.mutable_selection()->add_tables("shop/*"); }), orders);
  EXPECT_EQ(listed([](auto& r) { r.mutable_selection()->add_tags("nightly"); }), orders);
  EXPECT_EQ(listed([](auto& r) { r.mutable_selection()->add_owners("finance"); }), orders);
  EXPECT_EQ(listed([](auto& r) { r.mutable_selection()->add_sources("lab"); }),
            std::set<std::string>{"lab/samples"});
  EXPECT_TRUE(listed([](auto& r) {
                r.mutable_selection()->add_sources("lab");
                r.mutable_selection()->add_tags("nightly");
              }).empty());
  EXPECT_TRUE(listed([](auto& r) { r.add_statuses(v1::VERDICT_STATUS_FAIL); }).empty());
  Record("r1", ConclusionOf("shop/orders", Status::kFail, At("2026-11-24T06:00:00Z")),
         At("2026-11-24T06:00:00Z"));
  EXPECT_EQ(listed([](auto& r) { r.add_statuses(v1::VERDICT_STATUS_FAIL); }), orders);
  EXPECT_TRUE(listed([](auto& r) { r.add_statuses(v1::VERDICT_STATUS_PASS); }).empty());
}

TEST_F(ListCalls, ACheckIsGivenAsDeclaredAndAsItStands) {
  v1::GetCheckRequest request;
  request.set_id("shop/orders:volume");
  v1::GetCheckResponse response;
  ASSERT_TRUE(Call(&Stub::GetCheck, request, response).ok());
  EXPECT_EQ(response.check().state().status(), v1::VERDICT_STATUS_UNSPECIFIED);
  const Timestamp at = At("2026-11-24T06:00:00Z");
  Record("r1", ConclusionOf("shop/orders", Status::kWarn, at), at);
  ASSERT_TRUE(Call(&Stub::GetCheck, request, response).ok());
  const v1::Check& check = response.check();
  EXPECT_EQ(check.table(), "shop/orders");
  EXPECT_EQ(check.source(), "shop");
  EXPECT_EQ(check.kind(), "volume");
  EXPECT_EQ(check.owner(), "finance");
  EXPECT_EQ(check.tier(), 1);
  EXPECT_EQ(check.severity(), v1::SEVERITY_CRITICAL);
  EXPECT_NE(check.declared_at().find("shop.toml:"), std::string::npos) << check.declared_at();
  EXPECT_EQ(check.state().status(), v1::VERDICT_STATUS_WARN);
  EXPECT_EQ(check.state().sentence(), "42 rows");
  EXPECT_EQ(check.state().value(), 42);
  EXPECT_EQ(check.state().last_run_time().seconds(), at.time_since_epoch() / std::chrono::seconds(1));
}

TEST_F(ListCalls, AnUnknownCheckIsNotFoundWithWhatMayHaveBeenMeant) {
  v1::GetCheckRequest request;
  request.set_id("shop/orders:volum");
  v1::GetCheckResponse response;
  const grpc::Status status = Call(&Stub::GetCheck, request, response);
  EXPECT_EQ(CodeOf(status), "NOT_FOUND CHECK_UNKNOWN");
  EXPECT_EQ(DetailsOf(status).resource, "amont.v1.Check shop/orders:volum");
  EXPECT_NE(status.error_message().find("did you mean `shop/orders:volume`"), std::string::npos)
      << status.error_message();
  request.clear_id();
  EXPECT_EQ(CodeOf(Call(&Stub::GetCheck, request, response)), "INVALID_ARGUMENT BAD_REQUEST");
  v1::ListMeasurementsRequest measurements;
  measurements.set_check("shop/orders:volum");
  v1::ListMeasurementsResponse none;
  EXPECT_EQ(CodeOf(Call(&Stub::ListMeasurements, measurements, none)), "NOT_FOUND CHECK_UNKNOWN");
  v1::ListVerdictsRequest verdicts;
  verdicts.set_check("shop/orders:volum");
  v1::ListVerdictsResponse empty;
  EXPECT_EQ(CodeOf(Call(&Stub::ListVerdicts, verdicts, empty)), "NOT_FOUND CHECK_UNKNOWN");
}

TEST_F(ListCalls, EverythingWrongWithARequestIsListedAtOnce) {
  v1::ListChecksRequest request;
  request.mutable_selection()->add_tables("");
  request.mutable_selection()->add_tags(std::string(limits::kSelectionWordBytesMax + 1, 'x'));
  for (int i = 0; i <= limits::kSelectionWordsMax; ++i) request.mutable_selection()->add_owners("x");
  request.add_statuses(static_cast<v1::VerdictStatus>(99));
  request.set_page_size(-1);
  request.set_page_token("nonsense");
  const grpc::Status status = ListStatus(request);
  EXPECT_EQ(CodeOf(status), "INVALID_ARGUMENT BAD_REQUEST");
  EXPECT_EQ(DetailsOf(status).violations,
            (std::vector<std::string>{
                "selection.tables[0]: is empty", "selection.tags[0]: is longer than 1000 bytes",
                "selection.owners: 101 words; at most 100", "statuses[0]: is no status of a verdict",
                "page_size: is negative", "page_token: is not of a page of this listing"}));
}

TEST_F(ListCalls, APageTooLargeIsRefused) {
  v1::ListChecksRequest request;
  request.set_page_size(static_cast<int>(limits::kPageSizeMax));
  EXPECT_TRUE(ListStatus(request).ok());
  request.set_page_size(static_cast<int>(limits::kPageSizeMax) + 1);
  const grpc::Status status = ListStatus(request);
  EXPECT_EQ(CodeOf(status), "RESOURCE_EXHAUSTED PAGE_TOO_LARGE");
  EXPECT_EQ(DetailsOf(status).violations, std::vector<std::string>{"page_size: at most 1000"});
}

TEST_F(ListCalls, APageTokenBelongsToItsRequest) {
  v1::ListChecksRequest request;
  request.set_page_size(1);
  v1::ListChecksResponse response;
  ASSERT_TRUE(Call(&Stub::ListChecks, request, response).ok());
  request.set_page_token(response.next_page_token());
  request.set_page_size(2);
  EXPECT_TRUE(ListStatus(request).ok()) << "the size of a page may change";
  request.mutable_selection()->add_tags("nightly");
  EXPECT_EQ(DetailsOf(ListStatus(request)).violations,
            std::vector<std::string>{"page_token: is not of a page of this listing"});
}

TEST_F(ListCalls, VerdictsComeNewestFirstPageByPage) {
  std::vector<RunId> runs;
  for (int hour = 0; hour < 5; ++hour) {
    const Timestamp at = At("2026-11-24T06:00:00Z") + std::chrono::hours(hour);
    const Status status = hour % 2 == 0 ? Status::kPass : Status::kFail;
    runs.push_back(Record("r" + std::to_string(hour), ConclusionOf("lab/samples", status, at), at));
  }
  v1::ListVerdictsRequest request;
  request.set_check("lab/samples:volume");
  request.set_page_size(2);
  std::vector<RunId> seen;
  do {
    v1::ListVerdictsResponse response;
    ASSERT_TRUE(Call(&Stub::ListVerdicts, request, response).ok());
    for (const v1::Verdict& verdict : response.verdicts()) {
      EXPECT_EQ(verdict.check(), "lab/samples:volume");
      seen.push_back(verdict.run_id());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && seen.size() < 10);
  EXPECT_EQ(seen, (std::vector<RunId>{runs[4], runs[3], runs[2], runs[1], runs[0]}));

  v1::ListVerdictsResponse response;
  request.clear_page_token();
  request.add_statuses(v1::VERDICT_STATUS_FAIL);
  request.mutable_start_time()->set_seconds(At("2026-11-24T08:00:00Z").time_since_epoch() /
                                            std::chrono::seconds(1));
  ASSERT_TRUE(Call(&Stub::ListVerdicts, request, response).ok());
  ASSERT_EQ(response.verdicts_size(), 1);
  EXPECT_EQ(response.verdicts(0).run_id(), runs[3]);
  request.Clear();
  request.set_table("lab/samples");
  request.set_page_size(1000);
  ASSERT_TRUE(Call(&Stub::ListVerdicts, request, response).ok());
  EXPECT_GT(response.verdicts_size(), 5) << "of every check of the table";
  request.set_run_id(runs[0]);
  ASSERT_TRUE(Call(&Stub::ListVerdicts, request, response).ok());
  for (const v1::Verdict& verdict : response.verdicts()) EXPECT_EQ(verdict.run_id(), runs[0]);
}

TEST_F(ListCalls, MeasurementsComeNewestFirstPageByPage) {
  for (int hour = 0; hour < 3; ++hour) {
    const Timestamp at = At("2026-11-24T06:00:00Z") + std::chrono::hours(hour);
    Conclusion conclusion = ConclusionOf("lab/samples", Status::kPass, at);
    for (Verdict& verdict : conclusion.verdicts) verdict.observed = int64_t{hour};
    Record("r" + std::to_string(hour), conclusion, at);
  }
  v1::ListMeasurementsRequest request;
  request.set_check("lab/samples:volume");
  request.set_page_size(2);
  std::vector<std::string> seen;
  do {
    v1::ListMeasurementsResponse response;
    ASSERT_TRUE(Call(&Stub::ListMeasurements, request, response).ok());
    for (const v1::Measurement& point : response.measurements()) {
      seen.push_back(point.observed());
      EXPECT_EQ(point.status(), v1::VERDICT_STATUS_PASS);
      EXPECT_EQ(point.check(), request.check());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && seen.size() < 10);
  EXPECT_EQ(seen, (std::vector<std::string>{"2", "1", "0"}));
}

TEST_F(ListCalls, ASpanOfTimeThatIsNoneIsRefused) {
  v1::ListVerdictsRequest request;
  request.set_table("samples");
  request.mutable_start_time()->set_seconds(20);
  request.mutable_end_time()->set_seconds(10);
  v1::ListVerdictsResponse response;
  const grpc::Status status = Call(&Stub::ListVerdicts, request, response);
  EXPECT_EQ(DetailsOf(status).violations,
            (std::vector<std::string>{"table: names no source: source/schema.table",
                                      "end_time: is not after start_time"}));
  v1::ListMeasurementsRequest measurements;
  measurements.mutable_start_time()->set_seconds(1LL << 60);
  measurements.mutable_end_time()->set_nanos(-1);
  v1::ListMeasurementsResponse none;
  EXPECT_EQ(DetailsOf(Call(&Stub::ListMeasurements, measurements, none)).violations,
            (std::vector<std::string>{"check: is empty", "start_time: is no time of the years 0001 to 9999",
                                      "end_time: is no time of the years 0001 to 9999"}));
}

TEST_F(ListCalls, APlanIsExplained) {
  explain_ = [](const Selection& selection, const std::set<std::string>& disabled,
                const std::stop_token&) -> Result<Explanation> {
    EXPECT_EQ(selection.tables, std::vector<std::string>{"orders"});
    EXPECT_EQ(disabled, std::set<std::string>{"fold"});
    return Explanation{
        "-- source shop\n", {{"shop", StatementClass::kScan, "SELECT 1", {"shop/orders:volume"}}}, {}};
  };
  v1::ExplainPlanRequest request;
  request.mutable_selection()->add_tables("orders");
  request.add_disabled_passes("fold");
  v1::ExplainPlanResponse response;
  ASSERT_TRUE(Call(&Stub::ExplainPlan, request, response).ok());
  EXPECT_EQ(response.text(), "-- source shop\n");
  ASSERT_EQ(response.statements_size(), 1);
  EXPECT_EQ(response.statements(0).sql(), "SELECT 1");
  EXPECT_EQ(response.statements(0).cost_class(), "scan");
  EXPECT_EQ(response.statements(0).checks(0), "shop/orders:volume");
  request.add_disabled_passes("fild");
  const grpc::Status status = Call(&Stub::ExplainPlan, request, response);
  ASSERT_EQ(DetailsOf(status).violations.size(), 1u);
  EXPECT_NE(DetailsOf(status).violations[0].find("disabled_passes[1]: `fild` is no pass"), std::string::npos);
}

TEST_F(ListCalls, APlanTooLargeForAMessageIsRefused) {
  explain_ = [](const Selection&, const std::set<std::string>&,
                const std::stop_token&) -> Result<Explanation> {
    return Explanation{std::string(limits::kRpcMessageBytesMax, 'x'), {}, {}};
  };
  v1::ExplainPlanResponse response;
  EXPECT_EQ(CodeOf(Call(&Stub::ExplainPlan, {}, response)), "RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE");
}

TEST_F(ListCalls, ExplainingEndsWithItsCaller) {
  explain_ = [&](const Selection&, const std::set<std::string>&,
                 const std::stop_token& stop) -> Result<Explanation> {
    const std::stop_callback on_stop(stop, [&] { stopped_.Set(); });
    began_.Set();
    EXPECT_TRUE(stopped_.Wait());
    return MakeError(ErrorCode::kCancelled, "stopped");
  };
  grpc::ClientContext context;
  std::jthread calling([&] {
    v1::ExplainPlanResponse response;
    EXPECT_EQ(stub_->ExplainPlan(&context, {}, &response).error_code(), grpc::StatusCode::CANCELLED);
  });
  ASSERT_TRUE(began_.Wait());
  context.TryCancel();
  EXPECT_TRUE(stopped_.Wait());
}

TEST_F(ListCalls, DeclarationsAreValidatedByTheirContent) {
  validate_ = [](const std::vector<std::shared_ptr<const SourceText>>& files) {
    Diagnostics diagnostics;
    Diagnostic::Note note;
    note.span.file = files.at(0);
    note.message = "first declared here";
    diagnostics.Error({files.at(1), 2, 3, 4}, "unknown key `colum`", "did you mean `column`?").notes = {note};
    diagnostics.Warning({files.at(0), 0, 0, 1}, "declares nothing");
    return diagnostics;
  };
  v1::ValidateRequest request;
  for (const char* name : {"/etc/passwd", "b.toml"}) {
    request.add_files()->set_name(name);
    request.mutable_files(request.files_size() - 1)->set_content("x = 1\n");
  }
  v1::ValidateResponse response;
  ASSERT_TRUE(Call(&Stub::Validate, request, response).ok());
  EXPECT_FALSE(response.valid());
  ASSERT_EQ(response.diagnostics_size(), 2);
  EXPECT_EQ(response.diagnostics(0).file(), "/etc/passwd") << "a name, and nothing that is read";
  EXPECT_EQ(response.diagnostics(0).line(), 0);
  const v1::Diagnostic& error = response.diagnostics(1);
  EXPECT_EQ(error.severity(), v1::Diagnostic::SEVERITY_ERROR);
  EXPECT_EQ(error.line(), 2);
  EXPECT_EQ(error.column(), 3);
  EXPECT_EQ(error.hint(), "did you mean `column`?");
  EXPECT_EQ(error.notes(0).message(), "first declared here");
}

TEST_F(ListCalls, FilesWithoutNamesOfTheirOwnAreRefused) {
  v1::ValidateRequest request;
  v1::ValidateResponse response;
  EXPECT_EQ(DetailsOf(Call(&Stub::Validate, request, response)).violations,
            std::vector<std::string>{"files: there is none"});
  request.add_files();
  request.add_files()->set_name("a.toml");
  request.add_files()->set_name("a.toml");
  EXPECT_EQ(DetailsOf(Call(&Stub::Validate, request, response)).violations,
            (std::vector<std::string>{"files[0].name: is empty",
                                      "files[2].name: is the name of an earlier file too"}));
}

TEST_F(ListCalls, EveryCallIsCountedWithItsCode) {
  v1::GetCheckResponse response;
  Call(&Stub::GetCheck, {}, response);
  ListStatus({});
  EXPECT_EQ(handled_.With([](const auto& handled) { return handled; }),
            (std::map<std::string, int>{{"GetCheck INVALID_ARGUMENT", 1}, {"ListChecks OK", 1}}));
}

}  // namespace
}  // namespace amont::testing
