// What events say, as text: tests/cases/openlineage. A case may begin with lines "source NAME ADDRESS" and
// "alias NAMESPACE SOURCE"; then come events, one after another. The answer is what is known after the last
// event of each run, refusals and measurements.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "lineage/openlineage/batch.h"
#include "lineage/openlineage/run_accumulator.h"
#include "tests/testing/corpus.h"
#include "tests/testing/extract_text.h"

namespace amont {
namespace {

struct Naming {
  std::vector<SourceAddress> sources;
  std::map<std::string, std::string> aliases;
};

// Takes the leading lines off the input.
Naming TakeNaming(std::string_view& input) {
  Naming naming;
  for (;;) {
    std::istringstream line{std::string(input.substr(0, input.find('\n')))};
    std::string word;
    std::string first;
    std::string second;
    line >> word >> first >> second;
    if (word == "source") {
      naming.sources.push_back({first, second, "", "public", {}});
    } else if (word == "alias") {
      naming.aliases[first] = second;
    } else {
      return naming;
    }
    input.remove_prefix(input.find('\n') + 1);
  }
}

std::string ValueText(const ReportedValue& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return std::to_string(*whole);
  if (const auto* at = std::get_if<Timestamp>(&value)) return FormatTimestamp(*at);
  return fmt::format("{}", std::get<double>(value));
}

std::string Answer(const testing::CorpusCase& one) {
  std::string_view input = one.input;
  const Naming naming = TakeNaming(input);
  RunAccumulator runs(DatasetNaming(naming.sources, naming.aliases), {});
  std::string refused;
  std::string measured;
  std::map<std::string, std::string> known;  // run, or a number, to what is known
  const OpenLineageRules rules{.latest = *ParseTimestamp("2030-01-01T00:00:00Z")};
  const auto read =
      ReadOpenLineageBatch(input, rules, [&](size_t index, const Result<OpenLineageEvent>& event) {
        if (!event) {
          refused += fmt::format("refused {}: {}\n", index, event.error().message);
          return;
        }
        const LearnedLineage learned = runs.Add(*event);
        for (const ReportedMeasurement& one_more : learned.measurements) {
          measured +=
              fmt::format("reported {} {} = {} at {}\n", Port{one_more.table, one_more.column}.Text(),
                          Word(one_more.what), ValueText(one_more.value), FormatTimestamp(one_more.at));
        }
        const std::string key = event->kind == OpenLineageKind::kRun ? event->run_id : std::to_string(index);
        known[key] = testing::ExtractText(learned.extract);
        if (event->job && !event->job->sql.empty()) known[key] += "sql: " + event->job->sql + "\n";
      });
  if (!read) return "refused: " + read.error().message + "\n";
  std::string answer = refused;
  for (const auto& [key, text] : known) answer += text;
  return answer + measured;
}

TEST(OpenLineageEventsTest, SayWhatTheCorpusHas) { testing::CheckCorpus("openlineage", Answer); }

}  // namespace
}  // namespace amont
