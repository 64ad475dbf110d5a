// `amont store backup FILE`: a copy of the store, made while the service goes on.

#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "server/app/run_once.h"
#include "server/cli/command.h"
#include "server/store/backup.h"

namespace amont {

namespace {

struct StoreFlags {
  std::string action;
  std::string file;
  std::string store;
};

int BackUp(const CommandContext& context, const StoreFlags& flags) {
  if (flags.store == kNoStore)
    return Complain("--store none remembers nothing to back up", exit_code::kUsage);
  std::string url = flags.store;
  if (url.empty()) {
    const auto config = ReadConfig(context, Secrets::kOptional);
    if (!config) return exit_code::kConfiguration;
    url = StoreUrlToRead(*config, "");
  }
  const Result<void> copied = BackUpStore(url, flags.file);
  if (copied) {
    std::error_code unseen;
    Print(fmt::format("{} is a copy of {} ({} bytes)\n", flags.file, MaskUrl(url),
                      std::filesystem::file_size(flags.file, unseen)));
    return exit_code::kGood;
  }
  const Error& error = copied.error();
  const bool usage = error.code == ErrorCode::kUnsupported || error.code == ErrorCode::kBusy;
  return Complain(error.message, usage ? exit_code::kUsage : exit_code::kUnknown);
}

}  // namespace

void AddStoreCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<StoreFlags>();
  CLI::App* store = app.add_subcommand("store", "back up what amont remembers");
  store->add_option("ACTION", flags->action, "backup: copy a SQLite store, while a service writes it too")
      ->required()
      ->option_text("backup")
      ->check(CLI::IsMember({"backup"}));
  store->add_option("FILE", flags->file, "the copy, which must not exist yet")
      ->required()
      ->option_text("FILE");
  store->add_option("--store", flags->store, "copy this store instead: sqlite:FILE")->option_text("URL");
  store->footer(
      "A copy is a store itself: name it in [store] url, or with --store. A PostgreSQL store is copied by "
      "pg_dump.\n\nExample:\n  amont store backup /backup/amont-$(date +%F).db");
  store->callback(
      [&context, flags] { context.action = [&context, flags] { return BackUp(context, *flags); }; });
}

}  // namespace amont
