// `amont lineage sql`: what each statement of SQL files reads and writes, column by column.

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <memory>

#include "core/file.h"
#include "core/limits.h"
#include "core/unicode.h"
#include "lineage/sql/script.h"
#include "lineage/sql/statement_json.h"
#include "server/cli/command.h"
#include "server/cli/word_option.h"
#include "server/executor/big_stack.h"

namespace amont {

namespace {

constexpr size_t kSqlFileBytesMax = 256U << 20U;  // a dump with its data

struct LineageSqlFlags {
  std::vector<std::string> files;
  std::vector<std::string> catalogs;
  std::vector<std::string> search_path;
  bool json = false;
};

Result<std::string> ReadText(const std::string& file) {
  return ReadFile(file == "-" ? "/dev/stdin" : file, kSqlFileBytesMax);
}

// What the catalog's own statements leave open is said, and stops nothing: tables may still be known.
void ReadCatalog(const std::string& file, const std::string& text, const SqlOptions& options,
                 SqlCatalog& catalog) {
  std::vector<SqlStatement> unresolved;
  RunOnBigStack([&] { unresolved = ReadSqlCatalog(text, catalog, options); });
  for (const SqlStatement& statement : unresolved) {
    PrintError(fmt::format("amont: {}:{}:{}: {}: {}\n", Printable(file), statement.line, statement.column,
                           Word(statement.status), Printable(statement.reason)));
  }
}

// Exit codes: 2 where a statement failed, as it is not known then what feeds what.
int ShowSqlLineage(const LineageSqlFlags& flags) {
  SqlOptions options;
  if (!flags.search_path.empty()) options.search_path = flags.search_path;
  SqlCatalog catalog;
  for (const std::string& file : flags.catalogs) {
    const auto text = ReadText(file);
    if (!text) return Complain(text.error().message, exit_code::kUsage);
    ReadCatalog(file, *text, options, catalog);
  }
  bool failed = false;
  for (const std::string& file : flags.files) {
    const auto text = ReadText(file);
    if (!text) return Complain(text.error().message, exit_code::kUsage);
    std::vector<SqlStatement> statements;
    RunOnBigStack([&] { statements = AnalyseSql(*text, catalog, options); });
    for (const SqlStatement& statement : statements) {
      failed = failed || statement.status == SqlStatus::kFailed;
      const bool printed =
          Print(flags.json ? SqlStatementJson(statement, file) + "\n" : SqlStatementText(statement, file));
      if (!printed) return exit_code::kUnknown;
    }
  }
  return failed ? exit_code::kUnknown : exit_code::kGood;
}

}  // namespace

void AddLineageSqlCommand(CLI::App& lineage, CommandContext& context) {
  auto flags = std::make_shared<LineageSqlFlags>();
  CLI::App* sql = lineage.add_subcommand("sql", "what each statement of SQL files reads and writes");
  sql->add_option("FILE", flags->files, "SQL of PostgreSQL; - is standard input")->required();
  sql->add_option("--catalog", flags->catalogs,
                  "DDL of the tables and views that the statements read, in any order; may be repeated")
      ->option_text("FILE");
  sql->add_option("--search-path", flags->search_path,
                  "where names without a schema are looked up, and new ones made (public)")
      ->delimiter(',')
      ->option_text("SCHEMA,…");
  AddWordOption<bool>(*sql, "--format", flags->json, {{"text", false}, {"json", true}},
                      "for people, or one JSON object a line and statement");
  sql->footer(
      "Exits 0: every statement was read · 2: some failed · 64: a file cannot be read\n\n"
      "Examples:\n  amont lineage sql transform.sql --catalog schema.sql\n"
      "  pg_dump --schema-only shop > schema.sql\n"
      "  amont lineage sql models/*.sql --catalog schema.sql --search-path mart,public --format=json");
  sql->callback([&context, flags] { context.action = [flags] { return ShowSqlLineage(*flags); }; });
}

}  // namespace amont
