#include "lineage/joined_facts.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

TEST(JoinedFactsTest, OneNodeIsOneEntryAndLosesNothing) {
  const NodeName table = NodeName::Of({"wh", "raw", "orders"});
  NodeFacts seed{.name = table,
                 .form = "seed",
                 .owner = "",
                 .description = "Seeded.",
                 .url = "",
                 .tags = {"a"},
                 .tests = {"unique(id)"},
                 .columns = {{"id", ""}, {"at", "date"}}};
  NodeFacts source{.name = table,
                   .form = "source",
                   .owner = "finance",
                   .description = "Raw.",
                   .url = "u",
                   .tags = {"a", "b"},
                   .tests = {"not_null(id)"},
                   .columns = {{"id", "int"}, {"more", ""}}};
  NodeFacts other{.name = NodeName::Of({"wh", "a", "b"}),
                  .form = "model",
                  .owner = "",
                  .description = "",
                  .url = "",
                  .tags = {},
                  .tests = {},
                  .columns = {}};
  const std::vector<NodeFacts> joined = JoinedFacts({seed, other, source});
  ASSERT_EQ(joined.size(), 2U);
  EXPECT_EQ(joined[0], other);
  const NodeFacts expected{.name = table,
                           .form = "seed",
                           .owner = "finance",
                           .description = "Seeded.",
                           .url = "u",
                           .tags = {"a", "b"},
                           .tests = {"unique(id)", "not_null(id)"},
                           .columns = {{"id", "int"}, {"at", "date"}, {"more", ""}}};
  EXPECT_EQ(joined[1], expected);
}

}  // namespace
}  // namespace amont
