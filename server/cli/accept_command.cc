// `amont accept`: what is measured now is right; teaches drift and change, and lets go of a wildcard's table.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <memory>

#include "server/app/run_once.h"
#include "server/cli/command.h"

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
      std::holds_alternative<NotEmptied>(check->expectation)) {
    return store.AcceptValue(acceptance);
  }
  return MakeError(ErrorCode::kUnsupported, fmt::format("{} is a fixed bound: edit {} at {}", check->id,
                                                        FixedBound(*check), check->declared_at.ToString()));
}

// `exists` of a table that only a wildcard declared and that is gone: there is no declaration to edit.
Result<void> LetGo(Store& store, const Store::Acceptance& acceptance, const std::string& name) {
  const size_t slash = name.find('/');
  AMONT_TRY(const TableName table, ParseTableName(name, slash == std::string::npos ? "" : name.substr(0, slash)));
  return store.AcceptGone(acceptance, table);
}

int Accept(const CommandContext& context, const AcceptFlags& flags) {
  auto config = ReadConfig(context);
  if (!config) return exit_code::kConfiguration;
  const auto& checks = config->declarations.checks;
  const auto found =
      std::find_if(checks.begin(), checks.end(), [&](const CheckPtr& check) { return check->id == flags.check; });
  const std::string url = StoreUrl(*config, flags.store);
  if (url == kNoStore) return Complain("accept needs a store: what it teaches is kept there", exit_code::kUsage);
  // A store that is not there has nothing to accept, and is not made for that.
  if (auto there = OpenStore(url, StoreMode::kRead); !there && there.error().code == ErrorCode::kNotFound) {
    return Complain(fmt::format("nothing was measured yet: {}; run it first", there.error().message),
                    exit_code::kFailed);
  }
  auto store = OpenStore(url, StoreMode::kWrite);
  if (!store) return Complain(store.error().message, exit_code::kConfiguration);
  Store::Acceptance acceptance;
  acceptance.check = flags.check;
  acceptance.note = flags.note;
  acceptance.at = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());

  constexpr std::string_view kExists = ":exists";
  Result<void> taught;
  if (found != checks.end()) {
    taught = Teach(**store, *found, acceptance);
  } else if (flags.check.ends_with(kExists)) {
    taught = LetGo(**store, acceptance, flags.check.substr(0, flags.check.size() - kExists.size()));
  } else {
    // A wildcard's check is known by its id alone: the store says what it remembers of it.
    const bool drift = flags.check.ends_with(":drift") || flags.check.find(":drift@") != std::string::npos;
    taught = drift ? (*store)->AcceptSchema(acceptance) : (*store)->AcceptValue(acceptance);
  }
  if (!taught) {
    std::string message = taught.error().message;
    if (found == checks.end() && taught.error().code == ErrorCode::kNotFound) {
      std::vector<std::string> ids;
      for (const CheckPtr& check : checks) ids.push_back(check->id);
      if (const std::string hint = DidYouMean(flags.check, ids); !hint.empty()) message += "; " + hint;
    }
    return Complain(message, found == checks.end() ? exit_code::kUsage : exit_code::kFailed);
  }
  Print(fmt::format("{} accepted as it is now\n", flags.check));
  return exit_code::kGood;
}

}  // namespace

void AddAcceptCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<AcceptFlags>();
  CLI::App* accept = app.add_subcommand("accept", "say that what a check measured last is right");
  accept->add_option("CHECK", flags->check, "the id of a drift or change check, or …:exists of a table that is gone")
      ->required();
  accept->add_option("--note", flags->note, "why; kept with the acceptance")->required()->option_text("TEXT");
  accept->add_option("--store", flags->store, "where history is kept: sqlite:FILE")->option_text("URL");
  accept->footer("Example:\n  amont accept warehouse/mart.orders:drift --note \"currency was added on purpose\"");
  accept->callback([&context, flags] { context.action = [&context, flags] { return Accept(context, *flags); }; });
}

}  // namespace amont
