// The text of `amont plan`: stable, and its SQL fit to paste.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "checks/plan/planner.h"
#include "checks/plan/sql_text.h"

namespace amont {
namespace {

std::string Indented(std::string_view text, std::string_view indent) {
  std::string indented;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (!line.empty()) indented += fmt::format("{}{}", indent, line);
    indented += '\n';
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return indented;
}

// One line, at most so long that a slot stays one line on a screen.
std::string Short(std::string_view text) {
  constexpr size_t kMax = 100;
  std::string line;
  for (const char c : text) line += c == '\n' ? ' ' : c;
  if (line.size() <= kMax) return line;
  size_t cut = kMax;
  while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80)
    --cut;  // never within a character
  return line.substr(0, cut) + "…";
}

class PlanText {
 public:
  PlanText(const Plan& plan, std::span<const CheckPtr> checks) : plan_(plan), checks_(checks) {}

  std::string All() {
    for (size_t i = 0; i < plan_.statements.size(); ++i) AddStatement(i + 1, plan_.statements[i]);
    AddList("answered by the catalog", plan_.from_catalog, [](const Use&) { return std::string(); });
    AddList("proven by the catalog", plan_.proofs, [](const Proof& proof) { return proof.text; });
    AddReuses();
    AddList("cannot be asked", plan_.refusals, [](const Refusal& refusal) { return refusal.error.message; });
    AddWhole();
    if (text_.empty()) text_ = "nothing to measure\n";
    return text_;
  }

 private:
  std::string Name(size_t check) const { return checks_[check]->id; }

  void AddStatement(size_t number, const Statement& statement) {
    std::vector<std::string> tables;
    for (const TableName& table : statement.tables) tables.push_back(table.Full());
    text_ += fmt::format("statement {}: {} of {}", number, ToString(statement.cls), Join(tables, ", "));
    if (statement.window_from) {
      text_ += fmt::format(", {} to {}", FormatTimestamp(*statement.window_from),
                           FormatTimestamp(*statement.window_to));
    }
    text_ += '\n';
    text_ += Indented(statement.sql, "  ");
    for (size_t i = 0; i < statement.params.size(); ++i) {
      text_ += fmt::format("  -- ${} = {}\n", i + 1, StoredText(statement.params[i]));
    }
    for (const Slot& slot : statement.slots) {
      text_ += fmt::format("  {}: {}\n", slot.alias.empty() ? "value" : slot.alias, Short(slot.metric));
      AddUses(slot.uses);
    }
    text_ += '\n';
  }

  // One line a check: "per, rows of warehouse/mart.orders:null_ratio(email)".
  void AddUses(const std::vector<Use>& uses) {
    for (size_t i = 0; i < uses.size();) {
      std::vector<std::string> roles;
      const size_t check = uses[i].check;
      for (; i < uses.size() && uses[i].check == check; ++i) roles.emplace_back(ToString(uses[i].role));
      text_ += fmt::format("    {} of {}\n", Join(roles, ", "), Name(check));
    }
  }

  template <class Item, class What>
  void AddList(std::string_view title, const std::vector<Item>& items, What what) {
    if (items.empty()) return;
    text_ += fmt::format("{}:\n", title);
    for (const Item& item : items) {
      const std::string detail = what(item);
      text_ += fmt::format("  {}{}{}\n", Name(item.check), detail.empty() ? "" : ": ", detail);
    }
    text_ += '\n';
  }

  void AddReuses() {
    if (plan_.reuses.empty()) return;
    text_ += "closed windows, measured before:\n";
    for (const Reuse& reuse : plan_.reuses) {
      const std::string group = reuse.measurement.group.empty() ? "" : " " + reuse.measurement.group;
      text_ += fmt::format("  {}{}: until {}\n", Name(reuse.use.check), group,
                           FormatTimestamp(reuse.measurement.window_to.value_or(Timestamp())));
    }
    text_ += '\n';
  }

  void AddWhole() {
    if (plan_.whole.empty()) return;
    text_ += "read whole, for no check of theirs names a time column:\n";
    for (const TableName& table : plan_.whole) text_ += fmt::format("  {}\n", table.Full());
    text_ += '\n';
  }

  const Plan& plan_;
  const std::span<const CheckPtr> checks_;
  std::string text_;
};

}  // namespace

std::string RenderPlan(const Plan& plan, std::span<const CheckPtr> checks) {
  return PlanText(plan, checks).All();
}

}  // namespace amont
