#include "server/telemetry/metrics_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/telemetry/seeded.h"
#include "tests/testing/gzip.h"
#include "tests/testing/process.h"

namespace amont {
namespace {

using testing::SeededChecks;
using testing::SeededNow;
using testing::SeededStates;

std::string Joined(const MetricsText& text) {
  std::string all;
  for (size_t index = 0;; ++index) {
    const auto piece = text.piece(index);
    if (piece == nullptr) break;
    all += *piece;
  }
  EXPECT_EQ(all.size(), text.bytes);
  return all;
}

std::string Plain(const MetricsPage& page) { return Joined(page.Scrape(false)); }
std::string Unzipped(const MetricsPage& page) {
  return testing::Gunzip(Joined(page.Scrape(true))).value_or("not gzip");
}

// The lines of one family, without comments.
std::vector<std::string> LinesOf(const std::string& page, const std::string& family) {
  std::vector<std::string> lines;
  std::istringstream text(page);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(family + "{") || line.starts_with(family + " ")) lines.push_back(line);
  }
  return lines;
}

// Without what is the process's own and changes from one scrape to the next.
std::string Steady(const std::string& page) {
  std::string steady;
  std::istringstream text(page);
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("process_")) steady += line + "\n";
  }
  return steady;
}

class MetricsPageTest : public ::testing::Test {
 protected:
  void Lead(int tables) {
    checks_ = SeededChecks(tables);
    states_.Replace(checks_, {});
    states_.Load(SeededStates(checks_, SeededNow()));
    page_.SetLeading(true);
    page_.Render();
  }

  std::vector<CheckPtr> checks_;
  StateMap states_;
  Instruments instruments_;
  MetricsPage page_{states_, instruments_};
};

TEST_F(MetricsPageTest, TheJoinedBlocksAreTheIdentityPage) {
  Lead(333);
  states_.SetSourceUp("warehouse", true);
  page_.Render();
  const std::string plain = Plain(page_);
  EXPECT_EQ(Steady(Unzipped(page_)), Steady(plain));
  EXPECT_EQ(LinesOf(plain, "amont_check_status").size(), checks_.size());
  EXPECT_EQ(LinesOf(plain, "amont_table_rows").size(), 333u);
  EXPECT_EQ(LinesOf(plain, "amont_source_up"),
            std::vector<std::string>{"amont_source_up{source=\"warehouse\"} 1"});
}

TEST_F(MetricsPageTest, EveryFamilyStandsTogetherOnceWithItsHelpAndType) {
  Lead(120);
  instruments_.KnowSources({"warehouse", "lake"});
  std::vector<std::string> families;
  std::istringstream text(Plain(page_));
  std::string before;
  for (std::string line; std::getline(text, line);) {
    std::string name = line.starts_with("# ") ? line.substr(7) : line;
    name = name.substr(0, name.find_first_of("{ "));
    for (const char* part : {"_bucket", "_sum", "_count"}) {
      if (name.ends_with(part)) name.resize(name.size() - std::string_view(part).size());
    }
    if (line.starts_with("# HELP ")) families.push_back(name);
    ASSERT_EQ(families.empty() ? "" : families.back(), name) << line;
    EXPECT_EQ(before.starts_with("# HELP "), line.starts_with("# TYPE ")) << line;
    before = line;
  }
  const size_t all = families.size();
  std::ranges::sort(families);
  families.erase(std::unique(families.begin(), families.end()), families.end());
  EXPECT_EQ(families.size(), all);
  EXPECT_GT(all, 30u);
}

TEST_F(MetricsPageTest, OnlyALeaderWithItsStatesShowsSourcesAndTables) {
  const auto shows = [&] {
    const std::string page = Plain(page_);
    return page.find("source=") != std::string::npos || page.find("table=") != std::string::npos;
  };
  instruments_.KnowSources({"warehouse"});
  checks_ = SeededChecks(3);
  states_.Replace(checks_, {});
  page_.Render();
  EXPECT_FALSE(shows());  // neither
  page_.SetLeading(true);
  page_.Render();
  EXPECT_FALSE(shows());  // not loaded yet
  states_.Load(SeededStates(checks_, SeededNow()));
  page_.Render();
  EXPECT_TRUE(shows());
  page_.SetLeading(false);
  EXPECT_FALSE(shows());  // at once
  page_.Render();
  page_.SetLeading(true);
  EXPECT_FALSE(shows() && LinesOf(Plain(page_), "amont_check_status").size() != checks_.size());
  page_.Render();
  EXPECT_EQ(LinesOf(Plain(page_), "amont_check_status").size(), checks_.size());
  EXPECT_EQ(LinesOf(Plain(page_), "amont_runs_total"),
            std::vector<std::string>{"amont_runs_total{source=\"warehouse\"} 0"});
}

TEST_F(MetricsPageTest, WhatChangesIsShownAndWhatLeavesIsGone) {
  Lead(120);
  std::vector<CheckState> failed = {
      testing::SeededState(*checks_[0], 7, SeededNow() + std::chrono::hours(1))};
  failed[0].status = Status::kFail;
  states_.Load(failed);
  const std::vector<CheckPtr> fewer(checks_.begin(), checks_.begin() + 60 * testing::kSeededChecks);
  states_.Replace(fewer, {});
  page_.Render();
  const std::string page = Unzipped(page_);
  EXPECT_EQ(LinesOf(page, "amont_check_status").size(), fewer.size());
  EXPECT_NE(page.find("check=\"" + checks_[0]->id + "\",kind=\"freshness\",status=\"fail\"} 1\n"),
            std::string::npos);
  states_.Replace(checks_, {});
  page_.Render();
  EXPECT_EQ(LinesOf(Unzipped(page_), "amont_check_info").size(), checks_.size());
}

TEST_F(MetricsPageTest, ChangesAreShownWithoutBeingAskedFor) {
  states_.Load({});
  page_.SetLeading(true);
  checks_ = SeededChecks(2);
  states_.Replace(checks_, {});
  while (LinesOf(Plain(page_), "amont_check_info").size() != checks_.size()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST_F(MetricsPageTest, InstrumentsCount) {
  page_.SetLeading(true);
  states_.Load({});
  page_.Render();
  instruments_.RunFinished("warehouse", std::chrono::seconds(3), true);
  instruments_.StatementFinished("warehouse", "scan", std::chrono::milliseconds(30));
  instruments_.SlotStarted(std::chrono::milliseconds(20));
  instruments_.SlotsMissed(3);
  instruments_.SetLeader(true);
  instruments_.ConfigReloaded(true, SeededNow(), {});
  instruments_.ConfigReloaded(false, SeededNow() + std::chrono::hours(1), {"checks/a.toml", "checks/a.toml"});
  instruments_.RpcStarted("unary", "amont.v1.CheckService", "GetCheck");
  instruments_.RpcHandled("unary", "amont.v1.CheckService", "GetCheck", "OK", std::chrono::microseconds(90));
  const std::string page = Plain(page_);
  for (const char* line :
       {"amont_runs_total{source=\"warehouse\"} 1", "amont_run_failures_total{source=\"warehouse\"} 1",
        "amont_run_duration_seconds_bucket{source=\"warehouse\",le=\"5\"} 1",
        "amont_statements_total{class=\"scan\",source=\"warehouse\"} 1",
        "amont_scheduler_lag_seconds_count 1", "amont_slots_missed_total 3", "amont_leader 1",
        "amont_config_last_reload_successful 0",
        "amont_config_last_reload_success_timestamp_seconds 1795510800",
        "amont_config_file_invalid{file=\"checks/a.toml\"} 1",
        "grpc_server_started_total{grpc_method=\"GetCheck\",grpc_service=\"amont.v1.CheckService\","
        "grpc_type=\"unary\"} 1",
        "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"GetCheck\",grpc_service=\"amont.v1."
        "CheckService\",grpc_type=\"unary\"} 1"}) {
    EXPECT_NE(page.find("\n" + std::string(line) + "\n"), std::string::npos) << line;
  }
  for (const char* family :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
        "process_start_time_seconds", "process_virtual_memory_bytes"}) {
    EXPECT_EQ(LinesOf(page, family).size(), 1u) << family;
  }
}

// Two texts that are not UTF-8 stay two, the same on every replica.
TEST_F(MetricsPageTest, AnythingASourceMayNameIsCleanToPromtool) {
  std::vector<CheckPtr> odd;
  for (const std::string& name :
       {std::string("quote\"d"), std::string("back\\slash"), std::string("new\nline"), std::string("🦆"),
        std::string("bad\xff"), std::string("bad\xfe"), std::string("cut\xf0\x9f"), std::string("nul\0l", 5),
        std::string("\r\t\x01"), std::string("{a=\"b\"} 1"), std::string("\xed\xa0\x80 surrogate"),
        std::string("# HELP x y")}) {
    const auto table = testing::SeededTable({"ware" + name, "s" + name, name});
    odd.push_back(testing::SeededCheck(table, "sql", "sql@" + name));
  }
  states_.Replace(odd, {{"finance", Owner{"finance", "", {{"te\"am", "a\nb\xff"}, {"0", "x"}}, {}}}});
  states_.Load(SeededStates(odd, SeededNow()));
  states_.SetSourceUp("ware\"\n\xff", false);
  instruments_.RunFinished("ware\"\n\xff", std::chrono::seconds(1), false);
  instruments_.ConfigReloaded(false, SeededNow(), {"checks/\xff\n\".toml"});
  page_.SetLeading(true);
  page_.Render();
  testing::ProcessOptions options;
  options.input = Unzipped(page_);
  const std::vector<std::string> status = LinesOf(options.input, "amont_check_status");
  EXPECT_EQ(std::set<std::string>(status.begin(), status.end()).size(), odd.size());
  const testing::ProcessResult checked = testing::RunProgram({"promtool", "check", "metrics"}, options);
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.out + checked.err, "");
}

// A scrape is a page of one moment, whatever happens to states, leadership and blocks meanwhile.
TEST(MetricsPageRace, ScrapesAreWholeWhileStatesChange) {
  const std::vector<CheckPtr> checks = SeededChecks(60);
  for (int round = 0; round < 100; ++round) {
    StateMap states;
    Instruments instruments;
    MetricsPage page(states, instruments);
    states.Load({});
    page.SetLeading(true);
    std::atomic<bool> done = false;
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      for (int i = 0; i < 6; ++i) states.Replace(std::span(checks).first(checks.size() / (1 + i % 3)), {});
      states.Load(SeededStates(checks, SeededNow()));
      page.SetLeading(false);
      page.SetLeading(true);
      done = true;
    });
    threads.emplace_back([&] {
      while (!done) page.Render();
    });
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&, gzip = i == 0] {
        while (!done) {
          const std::string text = gzip ? Unzipped(page) : Plain(page);
          const size_t infos = LinesOf(text, "amont_table_info").size();
          // Blocks of 50 tables change apart, but within a block all families are of one moment.
          EXPECT_EQ(LinesOf(text, "amont_check_info").size(), infos * testing::kSeededChecks);
        }
      });
    }
    threads.clear();
    page.Render();
    EXPECT_EQ(LinesOf(Plain(page), "amont_check_status").size(), checks.size() / 3);
  }
}

}  // namespace
}  // namespace amont
