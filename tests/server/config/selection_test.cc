#include "server/config/selection.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

CheckPtr MakeCheck(const std::string& source, const std::string& schema, const std::string& table,
                   const std::string& measure, const std::string& owner = "",
                   std::vector<std::string> tags = {}) {
  auto declared = std::make_shared<Table>();
  declared->name = {source, schema, table};
  declared->owner = owner;
  auto check = std::make_shared<Check>();
  check->table = declared;
  check->id = declared->name.Full() + ":" + measure;
  check->tags = std::move(tags);
  return check;
}

const std::vector<CheckPtr>& Checks() {
  static const std::vector<CheckPtr> checks = {
      MakeCheck("shop", "mart", "orders", "volume", "finance", {"nightly"}),
      MakeCheck("shop", "mart", "orders", "null_ratio(email)", "finance", {"nightly", "deep"}),
      MakeCheck("shop", "mart", "Order Lines", "volume", "sales"),
      MakeCheck("lab", "", "orders", "volume"),
  };
  return checks;
}

using Words = std::vector<std::string>;

Selection Of(Words tables, Words tags = {}, Words owners = {}, Words sources = {}) {
  return {std::move(tables), std::move(tags), std::move(owners), std::move(sources)};
}

// The numbers of the checks selected.
std::string Selected(const Selection& selection) {
  std::string numbers;
  for (size_t i = 0; i < Checks().size(); ++i) {
    if (selection.Selects(*Checks()[i])) numbers += std::to_string(i);
  }
  return numbers;
}

TEST(Selection, AnEmptyOneSelectsEverything) {
  EXPECT_EQ(Selected({}), "0123");
  EXPECT_TRUE(Selection{}.empty());
  EXPECT_FALSE(FindIdleWord(Selection{}, Checks()));
  EXPECT_FALSE(FindIdleWord(Selection{}, std::vector<CheckPtr>()));
}

TEST(Selection, ATableIsNamedAsItIsPrinted) {
  EXPECT_EQ(Selected(Of({"mart.orders"})), "01");
  EXPECT_EQ(Selected(Of({"shop/mart.orders"})), "01");
  EXPECT_EQ(Selected(Of({"orders"})), "3") << "the schema belongs to the name";
  EXPECT_EQ(Selected(Of({"mart.\"Order Lines\""})), "2");
  EXPECT_EQ(Selected(Of({"shop/mart.orders:null_ratio(email)"})), "1");
}

TEST(Selection, StarsMatchAnythingAndCaseIsNoMatter) {
  EXPECT_EQ(Selected(Of({"*orders"})), "013");
  EXPECT_EQ(Selected(Of({"mart.*"})), "012");
  EXPECT_EQ(Selected(Of({"lab/*"})), "3");
  EXPECT_EQ(Selected(Of({"MART.ORDERS"})), "01");
}

TEST(Selection, WithinAFlagAnyAcrossFlagsAll) {
  EXPECT_EQ(Selected(Of({"orders", "mart.orders"})), "013");
  EXPECT_EQ(Selected(Of({}, {"deep", "nightly"})), "01");
  EXPECT_EQ(Selected(Of({"mart.*"}, {}, {"sales"})), "2");
  EXPECT_EQ(Selected(Of({}, {"deep"}, {}, {"lab"})), "");
}

TEST(Selection, AnIdleWordIsFoundInEveryFlag) {
  const auto message = [](const Selection& selection) {
    const auto idle = FindIdleWord(selection, Checks());
    return idle ? idle->message : std::string("none");
  };
  EXPECT_EQ(message(Of({"mart.orders", "mart.ordrs"})),
            "no check is selected by table `mart.ordrs`; did you mean `mart.orders`?");
  EXPECT_EQ(message(Of({}, {"dep"})), "no check is selected by --tag `dep`; did you mean `deep`?");
  EXPECT_EQ(message(Of({}, {}, {"zzzzzz"})), "no check is selected by --owner `zzzzzz`");
  EXPECT_EQ(message(Of({}, {}, {}, {"lob"})), "no check is selected by --source `lob`; did you mean `lab`?");
  EXPECT_EQ(message(Of({"orders"}, {}, {"sales"})), "no check matches all of the filters together");
  EXPECT_EQ(message(Of({"mart.*"}, {}, {"sales"})), "none");
}

TEST(Selection, SourcesAreThoseOfSelectedChecks) {
  Declarations declarations;
  declarations.checks = Checks();
  EXPECT_EQ(SourcesOf({}, declarations), (std::vector<std::string>{"lab", "shop"}));
  EXPECT_EQ(SourcesOf(Of({}, {}, {"sales"}), declarations), (std::vector<std::string>{"shop"}));
  EXPECT_EQ(SourcesOf(Of({"nothing"}), declarations), (std::vector<std::string>{}));
}

}  // namespace
}  // namespace amont
