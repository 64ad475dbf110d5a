// `amont accept`: what is measured now is right; teaches drift and change, and lets go of a wildcard's table.

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "core/quoted.h"
#include "server/app/run_once.h"
#include "server/cli/command.h"
#include "server/cli/known_checks.h"
#include "server/clock/wall_clock.h"

namespace amont {

namespace {

struct AcceptFlags {
  std::string check;
  std::string note;
  std::string store;
};

// The key of a fixed bound, to point at: which one to edit.
std::string FixedBound(const Check& check) {
  if (const auto* between = std::get_if<Between>(&check.expectation)) {
    if (IsNull(between->fail.max) && !IsNull(between->fail.min)) return "`min`";
    if (IsNull(between->fail.min) && !IsNull(between->fail.max)) return "`max`";
  }
  if (std::holds_alternative<MaxAge>(check.expectation)) return "`fail_after`";
  if (std::holds_alternative<ArrivedBy>(check.expectation)) return "`expected_by`";
  if (std::holds_alternative<ColumnsMatch>(check.expectation)) return "`columns`";
  return "it";
}

Result<void> Teach(Store& store, const CheckPtr& check, const Store::Acceptance& acceptance) {
  if (std::holds_alternative<NoDrift>(check->expectation)) return store.AcceptSchema(acceptance);
  if (std::holds_alternative<ChangeWithin>(check->expectation) ||
      std::holds_alternative<NearBaseline>(check->expectation) ||
      std::holds_alternative<NotEmptied>(check->expectation)) {
    return store.AcceptValue(acceptance);
  }
  return MakeError(ErrorCode::kUnsupported, fmt::format("{} is a fixed bound: edit {} at {}", check->id,
                                                        FixedBound(*check), check->declared_at.ToString()));
}

CheckPtr FindCheck(const std::vector<CheckPtr>& checks, const std::string& id) {
  const auto found =
      std::find_if(checks.begin(), checks.end(), [&](const CheckPtr& check) { return check->id == id; });
  return found == checks.end() ? nullptr : *found;
}

int ComplainOfUnknown(const std::string& id, const std::vector<CheckPtr>& declared,
                      const std::vector<CheckPtr>& matched) {
  std::vector<std::string> ids;
  for (const auto* checks : {&declared, &matched}) {
    for (const CheckPtr& check : *checks) ids.push_back(check->id);
  }
  std::string hint = DidYouMean(id, ids);
  if (!hint.empty()) hint = "; " + hint;
  return Complain(fmt::format("there is no check {}{}", Quoted(id), hint), exit_code::kUsage);
}

int Accept(const CommandContext& context, const AcceptFlags& flags) {
  auto config = ReadConfig(context);
  if (!config) return exit_code::kConfiguration;
  const std::vector<CheckPtr>& declared = config->declarations.checks;
  CheckPtr check = FindCheck(declared, flags.check);
  const bool by_wildcard = check == nullptr;
  if (by_wildcard) {
    std::vector<CheckPtr> matched;
    if (const auto table = TableOfId(flags.check)) matched = ChecksOfTables(*config, {*table});
    check = FindCheck(matched, flags.check);
    if (check == nullptr) return ComplainOfUnknown(flags.check, declared, matched);
  }
  const std::string url = StoreUrlToRead(*config, flags.store);
  if (url == kNoStore)
    return Complain("accept needs a store: what it teaches is kept there", exit_code::kUsage);
  // A store that is not there has nothing to accept, and is not made for that.
  if (auto there = OpenStore(url, StoreMode::kRead); !there && there.error().code == ErrorCode::kNotFound) {
    return Complain(fmt::format("nothing was measured yet: {}; run it first", there.error().message),
                    exit_code::kFailed);
  }
  auto store = OpenStore(url, StoreMode::kWrite, config->store.password);
  if (!store) return Complain(store.error().message, exit_code::kConfiguration);
  Store::Acceptance acceptance;
  acceptance.check = flags.check;
  acceptance.note = flags.note;
  acceptance.at = WallClock();

  // `exists` of a table that only a wildcard declared: there is no declaration to edit, so it is let go.
  const bool lets_go = by_wildcard && std::holds_alternative<Exists>(check->expectation);
  const Result<void> taught =
      lets_go ? (*store)->AcceptGone(acceptance, check->table->name) : Teach(**store, check, acceptance);
  if (!taught) return Complain(taught.error().message, exit_code::kFailed);
  Print(fmt::format("{} accepted as it is now\n", flags.check));
  return exit_code::kGood;
}

}  // namespace

void AddAcceptCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<AcceptFlags>();
  CLI::App* accept = app.add_subcommand("accept", "say that what a check measured last is right");
  accept
      ->add_option("CHECK", flags->check,
                   "the id of a drift or change check, or …:exists of a table that is gone")
      ->required();
  accept->add_option("--note", flags->note, "why; kept with the acceptance")->required()->option_text("TEXT");
  accept->add_option("--store", flags->store, "where history is kept: sqlite:FILE")->option_text("URL");
  accept->footer(
      "Example:\n  amont accept warehouse/mart.orders:drift --note \"currency was added on purpose\"");
  accept->callback(
      [&context, flags] { context.action = [&context, flags] { return Accept(context, *flags); }; });
}

}  // namespace amont
