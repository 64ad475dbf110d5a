// An event written again teaches what the event itself did.
#include "lineage/openlineage/event_text.h"

#include <gtest/gtest.h>

#include <utility>

#include "lineage/openlineage/run_accumulator.h"
#include "tests/testing/extract_text.h"
#include "tests/testing/shared_data.h"

namespace amont {
namespace {

std::string Learned(const OpenLineageEvent& event) {
  RunAccumulator runs(DatasetNaming(), {});
  const Extract extract = runs.Add(event).extract;
  return extract.origin + "\n" + FormatTimestamp(extract.at) + "\n" + testing::ExtractText(extract);
}

void ExpectSame(const std::string& text) {
  auto event = ReadOpenLineageEvent(text, {});
  ASSERT_TRUE(event.has_value()) << event.error().message;
  if (event->kind != OpenLineageKind::kRun) return;
  event->warnings.clear();
  const std::string again = TextOfRunEvent(*event);
  auto read = ReadOpenLineageEvent(again, {});
  ASSERT_TRUE(read.has_value()) << read.error().message << "\n" << again;
  for (const std::string& warning : std::exchange(read->warnings, {})) {
    EXPECT_NE(warning.find("not a UUID"), std::string::npos) << warning << "\n" << again;
  }
  EXPECT_EQ(Learned(*read), Learned(*event)) << again;
  EXPECT_EQ(TextOfRunEvent(*read), again);
  EXPECT_EQ(again.find("SELECT"), std::string::npos) << "no SQL is kept";
}

TEST(EventText, KeepsEveryFacetThatLaterEventsMayNeed) {
  const std::string facet = R"("_producer":"x","_schemaURL":"y")";
  ExpectSame(
      R"({"eventTime":"2026-01-24T06:00:00.123456Z","producer":"https://p/tree/1.2/x","schemaURL":"s",)"
      R"("eventType":"COMPLETE","run":{"runId":"0190e1a0-0000-7000-8000-000000000001","facets":{"parent":{)" +
      facet +
      R"(,"run":{"runId":"z"},"job":{"namespace":"n","name":"dag"}}}},"job":{"namespace":"n","name":"j",)" +
      R"("facets":{"sql":{)" + facet + R"(,"query":"SELECT 1"},"jobType":{)" + facet +
      R"(,"processingType":"BATCH","integration":"SPARK","jobType":"QUERY"},"ownership":{)" + facet +
      R"(,"owners":[{"name":"team"}]},"tags":{)" + facet +
      R"(,"tags":[{"key":"a","value":"true"},{"key":"b","value":"c:d"}]}}},)" +
      R"("inputs":[{"namespace":"postgres://u:pw@h/shop","name":"raw.\"odd\\\" name","facets":{"schema":{)" +
      facet + R"(,"fields":[{"name":"id","type":"int"},{"name":"note"}]},"symlinks":{)" + facet +
      R"(,"identifiers":[{"namespace":"s3://b","name":"k","type":"TABLE"}]}}}],)" +
      R"("outputs":[{"namespace":"postgres://h","name":"shop.mart.b","facets":{"datasetType":{)" + facet +
      R"(,"datasetType":"VIEW","subType":"MATERIALIZED"},"documentation":{)" + facet +
      R"(,"description":"täglich"},"lifecycleStateChange":{)" + facet +
      R"(,"lifecycleStateChange":"RENAME","previousIdentifier":{"namespace":"postgres://h","name":"shop.mart.a"}},)" +
      R"("columnLineage":{)" + facet +
      R"(,"fields":{"x":{"inputFields":[{"namespace":"postgres://h","name":"shop.raw.o","field":"id",)" +
      R"("transformations":[{"type":"DIRECT"},{"type":"INDIRECT"}]}]}},"dataset":[{"namespace":"postgres://h",)" +
      R"("name":"shop.raw.o","field":"day","transformations":[{"type":"INDIRECT"}]}]}}}]})");
}

TEST(EventText, KeepsWhatRealEventsTeach) {
  AMONT_NEEDS_SHARED_DATA("openlineage/events");
  int events = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(testing::SharedData("openlineage/events"))) {
    if (!file.is_regular_file()) continue;
    SCOPED_TRACE(file.path());
    const std::string text = testing::ReadFile(file.path());
    if (text.find("SELECT") == std::string::npos) ExpectSame(text);
    ++events;
  }
  EXPECT_GT(events, 5);
}

}  // namespace
}  // namespace amont
