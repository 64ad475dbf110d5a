#include "lineage/catalog/view_flow.h"

#include <gtest/gtest.h>

#include "tests/testing/corpus.h"

namespace amont {
namespace {

std::vector<int> ThreeColumns(uint32_t) { return {1, 2, 3}; }

std::string List(const CatalogSources& sources) {
  std::string text;
  for (const CatalogSource& source : sources) {
    text += " " + std::to_string(source.relation) + "." + std::to_string(source.column);
  }
  return text;
}

// The server's record of a view, as it prints it.
TEST(ViewFlow, IsReadFromTheServersRecord) {
  testing::CheckCorpus("node_tree", [](const testing::CorpusCase& one) {
    const auto flow = ReadViewFlow(one.input, ThreeColumns);
    if (!flow) return flow.error().message + "\n";
    std::string text;
    for (const auto& column : flow->columns) {
      text += column.name + ":" + List(column.direct);
      if (!column.indirect.empty()) text += " |" + List(column.indirect);
      if (column.origin) text += " = " + List({*column.origin}).substr(1);
      text += "\n";
    }
    return text + "rows:" + List(flow->rows) + "\n";
  });
}

}  // namespace
}  // namespace amont
