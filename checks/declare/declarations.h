// Declarations: everything the TOML of one configuration declares, read, checked and lowered. Pure: text in, values out.
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
  std::string url;
  std::map<std::string, std::string> files;  // tables = { name = "glob" }
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
  std::vector<CheckPtr> checks;                             // by table, then in order of declaration
  std::vector<std::shared_ptr<const TablePattern>> patterns;
};

// Reads declaration files (already in memory). Every mistake goes to `diagnostics`; what is sound is returned all the
// same, so that one bad file does not hide the others. Duplicate ids name both places.
Declarations Declare(std::span<const std::shared_ptr<const SourceText>> files, const Surroundings& surroundings,
                     Diagnostics& diagnostics);

// The source a pattern looks in and what to ask its catalog for.
const std::string& SourceOf(const TablePattern& pattern);
NamePattern PatternOf(const TablePattern& pattern);

// Lowers every pattern of `source` over the tables its catalog shows; exact names override check by check; a pattern
// that matches nothing yields one check on the block that fails. `overridden` lists ids an exact name took over.
// `known`: tables matched by earlier runs; one that the catalog no longer shows is lowered all the same, so that its
// `exists` fails.
struct Expansion {
  std::vector<std::shared_ptr<const Table>> tables;
  std::vector<CheckPtr> checks;
  std::vector<std::string> overridden;
};
Expansion Expand(const Declarations& declarations, const Surroundings& surroundings, const std::string& source,
                 const Catalog& catalog, std::span<const TableName> known, Diagnostics& diagnostics);

}  // namespace amont
