// Declarations: everything the TOML of one configuration declares, read, checked and lowered. Pure: text in,
// values out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checks/catalog.h"
#include "checks/check.h"
#include "core/diagnostic.h"
#include "core/sql/connection.h"
#include "core/toml_reader.h"

namespace amont {

struct Owner {
  std::string name;
  std::string contact;
  std::map<std::string, std::string> labels;
  Span declared_at;
};

struct Source {
  std::string name;
  Engine engine = Engine::kPostgres;
  std::string url;                           // fit to print: its password masked
  std::map<std::string, std::string> files;  // tables = { name = "glob" }, the globs absolute
  Zone zone;
  std::vector<std::string> pii;
  Span declared_at;
};

// What declaration files may refer to: the names of amont.toml.
struct Surroundings {
  std::map<std::string, Source> sources;
  std::map<std::string, Owner> owners;
  std::map<std::string, std::shared_ptr<const Calendar>> calendars;
  std::optional<TomlNode> defaults;  // [defaults] of amont.toml
};

// A [[table]] whose name holds `*` or captures: lowered again for each table that matches.
struct TablePattern;

struct Declarations {
  std::vector<std::shared_ptr<const Table>> tables;
  std::vector<CheckPtr> checks;  // by table, then in order of declaration
  std::vector<std::shared_ptr<const TablePattern>> patterns;
  std::vector<std::string> disabled;  // ids of checks that `enabled = false` turns off
  std::vector<TableName> tables_off;  // tables it turns off as a whole
};

// Reads declaration files (already in memory). Every mistake goes to `diagnostics`; what is sound is returned
// all the same, so that one bad file does not hide the others. Duplicate tables and ids name both places; the
// first one stays. The nearer wins key by key: [[table]], then what wildcards that match an exact name say of
// the table (owner, tier, schedule, scope, upstream …, not checks), then the file's [defaults], then
// amont.toml's.
Declarations Declare(std::span<const std::shared_ptr<const SourceText>> files,
                     const Surroundings& surroundings, Diagnostics& diagnostics);

// The source a pattern looks in and what to ask its catalog for.
const std::string& SourceOf(const TablePattern& pattern);
NamePattern PatternOf(const TablePattern& pattern);
// What else to ask for: tables that its checks compare with (`references`).
const std::vector<NamePattern>& ReferencesOf(const TablePattern& pattern);
// The schedules that its block declares: of its tables, then those of single checks that differ.
const std::vector<Schedule>& SchedulesOf(const TablePattern& pattern);

// Lowers every pattern of `source` over the tables its catalog shows. One name is one Table: checks that a
// wildcard adds to a table declared by name stand under that Table, and where both give an id the exact
// name's check stays. Where two wildcards match one table, the first declared describes it, and the same id
// from both is an error (unless one of them has it from [defaults]). A pattern that matches nothing yields
// one check on the block, `…:matched`, that fails. `known`: tables matched by earlier runs; one that the
// catalog no longer shows is lowered all the same, so that its `exists` fails. Warnings were given by Declare
// and are not repeated.
struct Expansion {
  std::vector<std::shared_ptr<const Table>> tables;  // without those declared by name
  std::vector<std::shared_ptr<const Table>>
      unmatched;  // of `tables`: each stands for a pattern, not for a table
  std::vector<CheckPtr> checks;
  std::vector<CheckPtr> replacing;  // stand in for declared checks of the same id: `exists` with more columns
  std::vector<std::string> overridden;  // ids an exact name took over
  std::vector<std::string> disabled;
};
Expansion Expand(const Declarations& declarations, const Surroundings& surroundings,
                 const std::string& source, const Catalog& catalog, std::span<const TableName> known,
                 Diagnostics& diagnostics);

}  // namespace amont
