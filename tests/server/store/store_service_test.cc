// What a service asks of its store, on every engine: leases, fences, runs taken over, states, accepted files.
#include <gtest/gtest.h>

#include <thread>

#include "server/store/store.h"
#include "tests/server/store/store_fixture.h"
#include "tests/testing/postgres.h"

namespace amont {
namespace {

using std::chrono::hours;
using testing::At;
using testing::AtLeast;
using testing::CheckOn;
using testing::ConclusionOf;
using testing::TableNamed;

const Timestamp kNow = At("2026-11-24T06:00:00Z");
const std::string kLeader(kLeaderLease);

class StoreService : public testing::EachStore {
 protected:
  static Verdict Said(const std::string& table, Status status, const std::string& sentence = "said") {
    Verdict verdict;
    verdict.check = CheckOn(TableNamed(table), "volume", RowCount{}, AtLeast(10));
    verdict.status = status;
    verdict.observed = int64_t{12};
    verdict.sentence = sentence;
    verdict.at = kNow;
    return verdict;
  }
  static std::vector<Conclusion> Table(const std::string& table) {
    return {ConclusionOf({Said(table, Status::kPass)})};
  }
  int64_t Lead(const std::string& holder, int64_t seen) {
    const auto epoch = store_->TakeLease(kLeader, holder, seen);
    EXPECT_TRUE(epoch.has_value()) << (epoch ? "" : epoch.error().message);
    return epoch.value_or(-1);
  }
  template <class T>
  static std::string CodeOf(const Result<T>& done) {
    return done ? "ok" : std::string(ToString(done.error().code));
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, StoreService, testing::kStoreEngines, testing::StoreEngineName);

// ---------- Leases

TEST_P(StoreService, ALeaseIsTakenByTheFirstWhoSawItsEpoch) {
  const auto none = store_->ReadLease(kLeader);
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->has_value());
  EXPECT_EQ(Lead("a", 0), 1);
  const auto late = store_->TakeLease(kLeader, "b", 0);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, ErrorCode::kBusy);
  EXPECT_EQ(Lead("b", 1), 2);
  const auto lease = store_->ReadLease(kLeader);
  ASSERT_TRUE(lease.has_value() && lease->has_value());
  EXPECT_EQ((*lease)->holder, "b");
  EXPECT_EQ((*lease)->epoch, 2);
}

TEST_P(StoreService, ABeatMovesTheLeaseAndOnlyItsHolderBeats) {
  Lead("a", 0);
  ASSERT_TRUE(store_->BeatLease(kLeader, 1).has_value());
  ASSERT_TRUE(store_->BeatLease(kLeader, 1).has_value());
  EXPECT_EQ(store_->ReadLease(kLeader).value_or(std::nullopt).value_or(Lease()).beat, 2);
  Lead("b", 1);
  EXPECT_EQ(CodeOf(store_->BeatLease(kLeader, 1)), "fenced");
  EXPECT_EQ(CodeOf(store_->BeatLease("other", 1)), "fenced");
}

// ---------- Fences

TEST_P(StoreService, ALeaderThatLostItsLeaseWritesNothing) {
  const int64_t epoch = Lead("a", 0);
  const auto run = store_->ClaimRun({"slot", "1", kNow, epoch});
  ASSERT_TRUE(run.has_value()) << run.error().message;
  ASSERT_TRUE(store_->RecordTables(*run, Table("orders")).has_value());
  Lead("b", epoch);
  const auto recorded = store_->RecordTables(*run, Table("people"));
  EXPECT_EQ(CodeOf(recorded), "fenced");
  EXPECT_NE(recorded.error().message.find("another replica leads since"), std::string::npos);
  EXPECT_EQ(CodeOf(store_->FinishRun(*run, kNow)), "fenced");
  EXPECT_EQ(CodeOf(store_->Trim(*run, {}, kNow)), "fenced");
  const auto claim = store_->ClaimRun({"slot", "2", kNow, epoch});
  ASSERT_FALSE(claim.has_value());
  EXPECT_EQ(claim.error().code, ErrorCode::kFenced);
  EXPECT_EQ(Query("SELECT check_id FROM verdict"), std::vector<std::string>{"src/orders:volume"});
  EXPECT_EQ(Query("SELECT count(*) FROM run"), std::vector<std::string>{"1"});
  const auto local = store_->ClaimRun({"local", "1", kNow});
  ASSERT_TRUE(local.has_value());
  EXPECT_TRUE(store_->RecordTables(*local, Table("people")).has_value()) << "it needs no lease";
}

TEST_P(StoreService, ARunOfADeadLeaderIsTakenOverWithWhatItJudged) {
  const int64_t first = Lead("a", 0);
  const auto dead = store_->ClaimRun({"slot", "1", kNow, first});
  ASSERT_TRUE(dead.has_value());
  EXPECT_TRUE(dead->judged.empty());
  ASSERT_TRUE(store_->RecordTables(*dead, Table("orders")).has_value());
  const auto again = store_->ClaimRun({"slot", "1", kNow, first});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::kBusy) << "it runs under this epoch";

  const int64_t second = Lead("b", first);
  const auto taken = store_->ClaimRun({"slot", "1", kNow + hours(1), second});
  ASSERT_TRUE(taken.has_value()) << taken.error().message;
  EXPECT_EQ(taken->id, dead->id);
  EXPECT_EQ(taken->judged, std::set<std::string>{"src/orders:volume"});
  EXPECT_EQ(CodeOf(store_->RecordTables(*dead, Table("people"))), "fenced");
  EXPECT_TRUE(store_->RecordTables(*taken, Table("orders")).has_value()) << "twice is once";
  EXPECT_EQ(Query("SELECT count(*) FROM verdict"), std::vector<std::string>{"1"});
  EXPECT_EQ(Query("SELECT measured FROM point"), std::vector<std::string>{"1"});
  ASSERT_TRUE(store_->FinishRun(*taken, kNow + hours(1)).has_value());

  const int64_t third = Lead("c", second);
  const auto finished = store_->ClaimRun({"slot", "1", kNow, third});
  ASSERT_FALSE(finished.has_value());
  EXPECT_EQ(finished.error().code, ErrorCode::kBusy);
  EXPECT_NE(finished.error().message.find(std::to_string(dead->id)), std::string::npos);
}

TEST_P(StoreService, ARunWithoutALeaseIsNeverTakenOver) {
  ASSERT_TRUE(store_->ClaimRun({"request", "1", kNow}).has_value());
  const auto taken = store_->ClaimRun({"request", "1", kNow, Lead("a", 0)});
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().code, ErrorCode::kBusy);
}

TEST_P(StoreService, ARunIsFoundByItsKey) {
  const auto none = store_->ReadRun("request", "1");
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->has_value());
  const auto run = store_->ClaimRun({"request", "1", kNow});
  ASSERT_TRUE(run.has_value());
  auto row = store_->ReadRun("request", "1").value_or(std::nullopt).value_or(RunRow());
  EXPECT_EQ(row.id, run->id);
  EXPECT_EQ(row.started, kNow);
  EXPECT_FALSE(row.finished.has_value());
  ASSERT_TRUE(store_->FinishRun(*run, kNow + hours(1)).has_value());
  row = store_->ReadRun("request", "1").value_or(std::nullopt).value_or(RunRow());
  EXPECT_EQ(row.finished, kNow + hours(1));
}

TEST_P(StoreService, AReleasedRunFreesItsKeyAndKeepsWhatItRecorded) {
  const auto stopped = store_->ClaimRun({"request", "1", kNow});
  ASSERT_TRUE(stopped.has_value());
  ASSERT_TRUE(store_->RecordTables(*stopped, Table("orders")).has_value());
  ASSERT_TRUE(store_->ReleaseRun(*stopped, kNow + hours(1)).has_value());
  const auto again = store_->ClaimRun({"request", "1", kNow + hours(2)});
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_NE(again->id, stopped->id);
  EXPECT_TRUE(again->judged.empty());
  EXPECT_EQ(Query("SELECT count(*) FROM verdict"), std::vector<std::string>{"1"});
  EXPECT_EQ(Query("SELECT count(*) FROM run WHERE finished IS NULL"), std::vector<std::string>{"1"});

  ASSERT_TRUE(store_->FinishRun(*again, kNow + hours(3)).has_value());
  ASSERT_TRUE(store_->ReleaseRun(*again, kNow + hours(4)).has_value());
  EXPECT_EQ(CodeOf(store_->ClaimRun({"request", "1", kNow + hours(5)})), "busy") << "it had finished";
}

TEST_P(StoreService, AskedRunsAreSeenUntilTheyAreFinished) {
  const int64_t epoch = Lead("a", 0);
  ASSERT_TRUE(store_->ClaimRun({"slot", "1", kNow, epoch}).has_value());
  const auto asked = store_->ClaimRun({"request", "1", kNow, 0, "b:7"});
  ASSERT_TRUE(asked.has_value());
  const auto look = [&](RunId after) { return store_->ReadAskedRuns(after).value_or(AskedRuns()); };
  const AskedRuns first = look(1'000'000);
  ASSERT_EQ(first.runs.size(), 1u) << "no slot's";
  EXPECT_EQ(first.newest, asked->id);
  EXPECT_EQ(first.runs[0].holder, "b:7");
  ASSERT_TRUE(store_->BeatRuns(std::vector{asked->id}).has_value());
  const AskedRuns second = look(1'000'000);
  ASSERT_EQ(second.runs.size(), 1u);
  EXPECT_GT(second.runs[0].beat, first.runs[0].beat);
  ASSERT_TRUE(store_->RecordTables(*asked, Table("orders")).has_value());
  EXPECT_GT(look(1'000'000).runs.at(0).beat, second.runs[0].beat) << "recording is a beat";
  const auto states = store_->ReadStatesOfRun(asked->id);
  ASSERT_TRUE(states.has_value() && states->size() == 1);
  EXPECT_EQ(states->front().check, "src/orders:volume");
  ASSERT_TRUE(store_->FinishRun(*asked, kNow + hours(1)).has_value());
  EXPECT_TRUE(look(asked->id).runs.empty());
  ASSERT_EQ(look(asked->id - 1).runs.size(), 1u);
  EXPECT_TRUE(look(asked->id - 1).runs[0].finished);
}

TEST_P(StoreService, ASilentRunIsEndedAndItsHolderWritesNothingMore) {
  const int64_t epoch = Lead("a", 0);
  const auto asked = store_->ClaimRun({"request", "1", kNow, 0, "b:7"});
  ASSERT_TRUE(asked.has_value());
  ASSERT_TRUE(store_->RecordTables(*asked, Table("orders")).has_value());
  const AskedRun seen = store_->ReadAskedRuns(0).value_or(AskedRuns()).runs.at(0);
  ASSERT_TRUE(store_->BeatRuns(std::vector{asked->id}).has_value());
  EXPECT_FALSE(store_->EndSilentRun(seen, epoch, kNow).value_or(true)) << "it beat meanwhile";
  const AskedRun again = store_->ReadAskedRuns(0).value_or(AskedRuns()).runs.at(0);
  EXPECT_EQ(CodeOf(store_->EndSilentRun(again, epoch + 1, kNow)), "fenced");
  EXPECT_TRUE(store_->EndSilentRun(again, epoch, kNow).value_or(false));
  EXPECT_EQ(CodeOf(store_->RecordTables(*asked, Table("people"))), "fenced");
  EXPECT_EQ(Query("SELECT check_id FROM verdict"), std::vector<std::string>{"src/orders:volume"});
  const auto anew = store_->ClaimRun({"request", "1", kNow, 0, "c:8"});
  ASSERT_TRUE(anew.has_value()) << anew.error().message;
  EXPECT_TRUE(store_->RecordTables(*anew, Table("people")).has_value());
}

TEST_P(StoreService, NothingReachesAClosedStore) {
  store_->Close();
  EXPECT_EQ(CodeOf(store_->BeatLease(kLeader, 1)), "unreachable");
  const auto run = store_->ReadRun("request", "1");
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().code, ErrorCode::kUnreachable);
}

// ---------- States

TEST_P(StoreService, AStateGoesThroughTheStoreUnchanged) {
  Verdict verdict = Said("orders", Status::kFail, "3 rows; at least 10 expected");
  verdict.expected_min = 10.5;
  verdict.deadline = kNow + hours(3);
  verdict.groups = {{"a", Status::kFail, int64_t{3}, ""},
                    {"b", Status::kPass, int64_t{4}, ""},
                    {"c", Status::kPass, int64_t{5}, ""}};
  CheckState expected;
  Advance(expected, verdict);
  Record(ConclusionOf({verdict}), kNow);
  const auto states = store_->ReadStates();
  ASSERT_TRUE(states.has_value()) << states.error().message;
  EXPECT_EQ(*states, std::vector<CheckState>{expected});
}

TEST_P(StoreService, AnErrorLeavesTheStatusAndSaysItself) {
  Record(ConclusionOf({Said("orders", Status::kPass)}), kNow);
  Verdict error = Said("orders", Status::kError, "timed out");
  error.at = kNow + hours(1);
  Record(ConclusionOf({error}), kNow);
  const auto states = store_->ReadStates();
  ASSERT_TRUE(states.has_value() && states->size() == 1);
  EXPECT_EQ(states->front().status, Status::kPass);
  EXPECT_EQ(states->front().error, "timed out");
  EXPECT_EQ(states->front().last_run, kNow + hours(1));
  EXPECT_EQ(states->front().last_success, kNow);
}

TEST_P(StoreService, ARunThatComesLateLeavesTheNewerState) {
  const int64_t first = Lead("a", 0);
  const auto old = store_->ClaimRun({"slot", "1", kNow, first});
  const auto recent = store_->ClaimRun({"slot", "2", kNow, first});
  ASSERT_TRUE(old.has_value() && recent.has_value());
  const std::vector<Conclusion> newer = {ConclusionOf({Said("orders", Status::kFail, "newer")})};
  ASSERT_TRUE(store_->RecordTables(*recent, newer).has_value());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(store_->RecordTables(*old, Table("orders")).has_value());
  const auto states = store_->ReadStates();
  ASSERT_TRUE(states.has_value() && states->size() == 1);
  EXPECT_EQ(states->front().sentence, "newer");
  EXPECT_EQ(Query("SELECT status FROM verdict ORDER BY run"), (std::vector<std::string>{"pass", "fail"}));
}

TEST_P(StoreService, ARetiredCheckHasNoState) {
  Record(ConclusionOf({Said("orders", Status::kPass)}), kNow);
  Record(ConclusionOf({Said("people", Status::kPass)}), kNow);
  const int64_t epoch = Lead("a", 0);
  EXPECT_EQ(CodeOf(store_->RetireChecks(std::vector<std::string>{"src/people:volume"}, epoch + 1)), "fenced");
  ASSERT_TRUE(store_->RetireChecks(std::vector<std::string>{"src/orders:volume"}, epoch).has_value());
  const auto states = store_->ReadStates();
  ASSERT_TRUE(states.has_value() && states->size() == 1);
  EXPECT_EQ(states->front().check, "src/people:volume");
  Record(ConclusionOf({Said("orders", Status::kPass)}), kNow);
  EXPECT_EQ(Query("SELECT sentence FROM verdict WHERE check_id = 'src/orders:volume' ORDER BY run"),
            (std::vector<std::string>{"said", ""}))
      << "its verdicts are still known";
}

// ---------- Files, texts

TEST_P(StoreService, AcceptedFilesAreReplacedAsAWhole) {
  const AcceptedFile a = {"checks/a.toml", "text of a", kNow};
  const AcceptedFile b = {"checks/b.toml", "", kNow + hours(1)};
  const AcceptedFile a2 = {"checks/a.toml", "another", kNow + hours(2)};
  ASSERT_TRUE(store_->WriteAcceptedFiles(std::vector{b, a}).has_value());
  EXPECT_EQ(store_->ReadAcceptedFiles().value_or(std::vector<AcceptedFile>()), (std::vector{a, b}));
  ASSERT_TRUE(store_->WriteAcceptedFiles(std::vector{a2}).has_value());
  EXPECT_EQ(store_->ReadAcceptedFiles().value_or(std::vector<AcceptedFile>()), std::vector{a2});
}

TEST_P(StoreService, TextsThatAreNoTextAreKeptAllTheSame) {
  Verdict verdict = Said("orders", Status::kPass, std::string("a\0b\xff", 4));
  verdict.groups = {{std::string("\xc3", 1), Status::kPass, std::string("x\0", 2), ""}};
  Record(ConclusionOf({verdict}), kNow);
  EXPECT_EQ(Query("SELECT count(*) FROM point"), std::vector<std::string>{"1"});
  EXPECT_EQ(Query("SELECT count(*) FROM verdict"), std::vector<std::string>{"1"});
}

// ---------- Reading while somebody writes

TEST_P(StoreService, ReadingDoesNotWaitForAWriter) {
  Record(ConclusionOf({Said("orders", Status::kPass)}), kNow);
  std::vector<Conclusion> many;
  for (int i = 0; i < 3000; ++i) many.push_back(Table("t" + std::to_string(i)).front());
  const auto run = store_->ClaimRun({"local", "1", kNow});
  ASSERT_TRUE(run.has_value());
  std::jthread writer([&] { EXPECT_TRUE(store_->RecordTables(*run, many).has_value()); });
  size_t known = 0;
  do {
    const auto states = store_->ReadStates();
    ASSERT_TRUE(states.has_value()) << states.error().message;
    known = states->size();
    ASSERT_TRUE(known == 1 || known == 3001) << known;
  } while (known == 1);
}

}  // namespace
}  // namespace amont
