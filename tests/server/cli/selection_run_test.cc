// Which checks `amont run` runs: TABLE, --tag, --owner, --source, and what a filter that selects nothing
// says.

#include <gtest/gtest.h>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"

namespace amont::testing {
namespace {

class SelectionRun : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string tables =
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL); INSERT INTO orders VALUES (1, 1);"
        "CREATE TABLE order_lines (id INTEGER PRIMARY KEY); INSERT INTO order_lines VALUES (1);"
        "CREATE TABLE customers (id INTEGER PRIMARY KEY); INSERT INTO customers VALUES (1);";
    SqliteWriter(project_.Path("shop.db")).Run(tables);
    SqliteWriter(project_.Path("lab.db")).Run(tables);
    project_.Config(
        "[source.shop]\nurl = \"sqlite:shop.db\"\n[source.lab]\nurl = \"sqlite:lab.db\"\n"
        "[owner.finance]\n[owner.sales]\n[store]\nurl = \"sqlite:unused.db\"\n");
    project_.Declare(R"toml([[table]]
name   = "orders"
source = "shop"
owner  = "finance"
tags   = ["nightly", "money"]
[table.volume]
min = 1
[table.columns.amount]
min = { min = 0, tags = ["deep"] }
[[table]]
name   = "order_lines"
source = "shop"
owner  = "finance"
[[table]]
name   = "customers"
source = "shop"
owner  = "sales"
[[table]]
name   = "orders"
source = "lab"
owner  = "sales"
tags   = ["nightly"]
)toml");
  }
  // The tables in the report, in order, or what was complained about.
  std::string Tables(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"run", "--store=none", "--format=json"});
    const ProcessResult result = project_.Amont(arguments);
    if (result.exit_code == 64) return result.err;
    const Report report = ReadReport(result);
    std::set<std::string> tables;
    for (const JsonTree& table : report.json["tables"].items) {
      tables.insert(table["source"].text + "/" + table["table"].text);
    }
    std::string text;
    for (const std::string& table : tables) text += (text.empty() ? "" : " ") + table;
    return text;
  }

  Project project_;
};

TEST_F(SelectionRun, WithoutFiltersRunsEverything) {
  EXPECT_EQ(Tables({}), "lab/orders shop/customers shop/order_lines shop/orders");
}

TEST_F(SelectionRun, ATableIsNamedWithItsSourceOrWithout) {
  EXPECT_EQ(Tables({"orders"}), "lab/orders shop/orders");
  EXPECT_EQ(Tables({"shop/orders"}), "shop/orders");
  EXPECT_EQ(Tables({"shop/orders", "customers"}), "shop/customers shop/orders");
}

TEST_F(SelectionRun, AWildcardNamesManyTables) {
  EXPECT_EQ(Tables({"order*"}), "lab/orders shop/order_lines shop/orders");
  EXPECT_EQ(Tables({"shop/*s"}), "shop/customers shop/order_lines shop/orders");
}

TEST_F(SelectionRun, AnIdNamesOneCheck) {
  const Report report = project_.Run({"--store=none", "shop/orders:min(amount)"});
  EXPECT_EQ(report.Statuses(), "shop/orders:min(amount) pass\n");
}

TEST_F(SelectionRun, ATagIsTheTablesOrTheChecksOwn) {
  EXPECT_EQ(Tables({"--tag", "nightly"}), "lab/orders shop/orders");
  const Report report = project_.Run({"--store=none", "--tag=deep"});
  EXPECT_EQ(report.Statuses(), "shop/orders:min(amount) pass\n");
}

TEST_F(SelectionRun, OwnersAndSourcesSelectToo) {
  EXPECT_EQ(Tables({"--owner=sales"}), "lab/orders shop/customers");
  EXPECT_EQ(Tables({"--source", "lab"}), "lab/orders");
}

TEST_F(SelectionRun, OneFlagTwiceMeansEitherDifferentFlagsMeanBoth) {
  EXPECT_EQ(Tables({"--owner=sales", "--owner=finance"}), Tables({}));
  EXPECT_EQ(Tables({"--owner=sales", "--tag=nightly"}), "lab/orders");
  EXPECT_EQ(Tables({"orders", "--source=shop"}), "shop/orders");
  EXPECT_EQ(Tables({"--source=shop", "orders"}), "shop/orders")
      << "a flag takes one word, the rest are tables";
}

TEST_F(SelectionRun, AWordThatSelectsNothingIsAnErrorWithAHint) {
  EXPECT_EQ(Tables({"ordrs"}), "amont: no check is selected by table `ordrs`; did you mean `orders`?\n");
  EXPECT_EQ(Tables({"--tag=nightyl"}),
            "amont: no check is selected by --tag `nightyl`; did you mean `nightly`?\n");
  EXPECT_EQ(Tables({"--owner=finanse"}),
            "amont: no check is selected by --owner `finanse`; did you mean `finance`?\n");
  EXPECT_EQ(Tables({"--source=shoop"}),
            "amont: no check is selected by --source `shoop`; did you mean `shop`?\n");
  EXPECT_EQ(Tables({"shop/orders:min(amonut)"}),
            "amont: no check is selected by table `shop/orders:min(amonut)`; did you mean "
            "`shop/orders:min(amount)`?\n");
}

TEST_F(SelectionRun, OneIdleWordAmongOthersIsAnErrorToo) {
  EXPECT_EQ(Tables({"orders", "ordrs"}),
            "amont: no check is selected by table `ordrs`; did you mean `orders`?\n");
}

TEST_F(SelectionRun, FiltersThatMatchApartButNotTogetherAreAnError) {
  EXPECT_EQ(Tables({"customers", "--owner=finance"}),
            "amont: no check matches all of the filters together\n");
}

TEST_F(SelectionRun, AnUnselectedSourceIsNotEvenOpened) {
  project_.Config(
      "[source.shop]\nurl = \"sqlite:shop.db\"\n[source.lab]\nurl = \"sqlite:gone.db\"\n[owner.finance]\n"
      "[owner.sales]\n");
  EXPECT_EQ(project_.Run({"--store=none", "--source=shop"}).exit_code, 0);
  EXPECT_EQ(project_.Run({"--store=none"}).exit_code, 2);
}

TEST_F(SelectionRun, ATypoIsCaughtBesideAWildcardToo) {
  project_.Declare("[[table]]\nname = \"order*\"\nsource = \"shop\"\ntags = [\"nightly\"]\n");
  EXPECT_EQ(Tables({"orders"}), "shop/orders");
  EXPECT_EQ(Tables({"--tag=nightly"}), "shop/order_lines shop/orders");
  EXPECT_EQ(Tables({"ordrs"}), "amont: no check is selected by table `ordrs`; did you mean `orders`?\n");
  EXPECT_EQ(Tables({"orders", "ordrs"}),
            "amont: no check is selected by table `ordrs`; did you mean `orders`?\n");
  EXPECT_EQ(Tables({"--tag=nightyl"}),
            "amont: no check is selected by --tag `nightyl`; did you mean `nightly`?\n");
  EXPECT_EQ(Tables({"--source=shoop"}),
            "amont: no check is selected by --source `shoop`; did you mean `shop`?\n");
}

}  // namespace
}  // namespace amont::testing
