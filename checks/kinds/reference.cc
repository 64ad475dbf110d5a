#include "checks/kinds/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "checks/kinds/check_keys.h"

namespace amont {
namespace {

bool IsTableShape(KeyShape shape) {
  return shape == KeyShape::kTable || shape == KeyShape::kTables || shape == KeyShape::kTableOrTables ||
         shape == KeyShape::kNamedTables;
}

std::string Words(const Key& key) {
  std::string list;
  for (const std::string& word : WordsOf(key)) list += fmt::format("{}`{}`", list.empty() ? "" : ", ", word);
  return list;
}

std::string Names(std::span<const Key> keys) {
  std::string names;
  for (const Key& key : keys) names += fmt::format("{}`{}`", names.empty() ? "" : ", ", key.name);
  return names;
}

std::string ValueText(const Key& key) {
  switch (key.shape) {
    case KeyShape::kString:
      return "text";
    case KeyShape::kStrings:
      return "list of texts";
    case KeyShape::kStringOrStrings:
      return "text, or list of texts";
    case KeyShape::kInteger:
      return "whole number";
    case KeyShape::kNumber:
      return "number";
    case KeyShape::kBoolean:
      return "true or false";
    case KeyShape::kDuration:
      return "duration";
    case KeyShape::kSchedule:
      return "duration, or cron with a zone";
    case KeyShape::kZone:
      return "time zone";
    case KeyShape::kWord:
      return Words(key);
    case KeyShape::kWords:
      return "list of " + Words(key);
    case KeyShape::kSql:
      return "SQL";
    case KeyShape::kBooleanOrDate:
      return "true, false or a date";
    case KeyShape::kScalars:
      return "list of values";
    case KeyShape::kBound:
      return "number, date or date-time";
    case KeyShape::kRatio:
      return "0 to 1, or `\"1%\"`";
    case KeyShape::kChange:
      return "difference, or `\"-30%\"`";
    case KeyShape::kColumnLists:
      return "list of columns, or of lists of them";
    case KeyShape::kNamedStrings:
      return "table of texts";
    case KeyShape::kTable:
      return "table: " + Names(key.keys);
    case KeyShape::kBooleanOrTable:
      return "true or false, or table: " + Names(key.keys);
    case KeyShape::kTables:
    case KeyShape::kTableOrTables:
      return "table, or array of tables: " + Names(key.keys);
    case KeyShape::kNamedTables:
      return "table of tables: " + Names(key.keys);
  }
  return {};
}

std::string Sentence(std::string_view text) {
  std::string sentence(text);
  if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z')
    sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
  return sentence + ".";
}

bool Holds(std::span<const Key> keys, std::string_view name) { return FindKey(keys, name) != nullptr; }

class Reference {
 public:
  void Line(std::string_view line = {}) {
    text_ += line;
    text_ += '\n';
  }

  void Heading(int level, std::string_view text) {
    if (!text_.empty() && !text_.ends_with("\n\n")) Line();
    Line(fmt::format("{:#<{}} {}", "", level, text));
    Line();
  }

  // Every key a row; the keys of inner tables follow as `window.column`, where they say anything new.
  void Keys(std::span<const Key> keys) {
    Line("| key | value | default | meaning |");
    Line("|---|---|---|---|");
    Rows(keys, "");
  }

  // Measures: what a plain value may be, and what may stand in a table instead.
  void Measures(std::span<const Key> keys) {
    Line("| measure | plain value | keys in a table | meaning |");
    Line("|---|---|---|---|");
    for (const Key& key : keys) {
      const std::string plain = IsTableShape(key.shape) ? "–" : ValueText(key);
      Line(fmt::format("| `{}` | {} | {} | {} |", key.name, plain, Names(key.keys), key.summary));
    }
  }

  std::string Take() { return std::move(text_); }

 private:
  void Rows(std::span<const Key> keys, const std::string& prefix) {
    for (const Key& key : keys) {
      const std::string_view required = key.required ? "required" : key.default_text;
      Line(fmt::format("| `{}{}` | {} | {} | {} |", prefix, key.name, ValueText(key), required, key.summary));
      const bool news = std::any_of(key.keys.begin(), key.keys.end(),
                                    [&](const Key& inner) { return !Holds(keys, inner.name); });
      const bool explains = key.shape == KeyShape::kTable || key.shape == KeyShape::kBooleanOrTable;
      if (!explains || !news || !explained_.insert(key.keys.data()).second) continue;
      Rows(key.keys, prefix + std::string(key.name) + ".");
    }
  }

  std::set<const Key*> explained_;  // inner tables that have had their rows
  std::string text_;
};

void WriteConfig(std::span<const Key> config, Reference& reference) {
  reference.Heading(2, "`amont.toml`");
  std::vector<Key> plain;
  for (const Key& key : config) {
    if (!IsTableShape(key.shape)) plain.push_back(key);
  }
  reference.Keys(plain);
  for (const Key& key : config) {
    if (!IsTableShape(key.shape)) continue;
    const bool named = key.shape == KeyShape::kNamedTables;
    reference.Heading(3, fmt::format("`[{}{}]`", key.name, named ? ".NAME" : ""));
    reference.Line(Sentence(key.summary));
    if (key.name == "defaults") {
      reference.Line(
          "The keys of `[[table]]` and its blocks, for all files; a file's own `[defaults]` is nearer.");
      continue;
    }
    reference.Line();
    reference.Keys(key.keys);
  }
}

void WriteTable(Reference& reference) {
  reference.Heading(2, "Declaration files");
  reference.Line(
      "A file holds `[[table]]` blocks, and `[defaults]` that all of them take where they say nothing "
      "themselves: the");
  reference.Line(fmt::format("keys of `[[table]]` without {}, and its blocks.",
                             Names(TableKeys().first(TableKeys().size() - DefaultsKeys().size()))));
  reference.Heading(3, "`[[table]]`");
  reference.Keys(TableKeys());
  reference.Line();
  reference.Line(
      "Always on, without a key: `exists` (the table and every column its declarations name) and `emptied` "
      "(it had rows");
  reference.Line("and has none), the latter unless a volume bound of the whole table covers it.");
}

void WriteEveryCheck(Reference& reference) {
  reference.Heading(3, "Keys every check takes");
  reference.Line(
      "They stand in the block, or in the table of a measure. Any block or measure may be an array of "
      "tables; from the second");
  reference.Line(
      "on `name` is required. The id of a check is `source/schema.table:measure[(column,…)][@name]`; "
      "`change` makes a check of");
  reference.Line(
      "its own, `measure_change`. A bound always states what is good; one that cannot fail is an error.");
  reference.Line();
  reference.Keys(CheckKeys());
}

// The tables of measures: one section for those that take the same keys.
void WriteMeasureTables(std::span<const Key> measures, Reference& reference) {
  std::vector<std::span<const Key>> written;
  for (const Key& measure : measures) {
    const auto same = [&](std::span<const Key> keys) { return keys.data() == measure.keys.data(); };
    if (std::any_of(written.begin(), written.end(), same)) continue;
    written.push_back(measure.keys);
    std::vector<Key> sharing;
    for (const Key& other : measures) {
      if (same(other.keys)) sharing.push_back(other);
    }
    reference.Line();
    reference.Line(fmt::format("In the table of {}:", Names(sharing)));
    reference.Line();
    reference.Keys(measure.keys);
  }
}

void WriteKind(const Kind& kind, Reference& reference) {
  reference.Heading(3, fmt::format("`{}`: {}", kind.block, kind.name));
  reference.Line(Sentence(kind.summary));
  reference.Line();
  reference.Line("```toml");
  reference.Line(kind.example.substr(0, kind.example.find_last_not_of('\n') + 1));
  reference.Line("```");
  reference.Line();
  std::vector<Key> plain;
  std::vector<Key> measures;
  for (const Key& key : kind.key.keys) (key.check_keys ? measures : plain).push_back(key);
  reference.Keys(plain);
  if (measures.empty()) return;
  reference.Line();
  reference.Measures(measures);
  WriteMeasureTables(measures, reference);
}

}  // namespace

std::string ReferenceText(std::span<const Key> config) {
  Reference reference;
  reference.Heading(1, "Reference");
  reference.Line(
      "Everything that may be written in amont's TOML files, generated from the tables the program reads "
      "with. `amont schema`");
  reference.Line("prints the same as JSON Schemas for editors.");
  reference.Line();
  reference.Line(
      "A duration is `90s`, `15m`, `26h`, `7d` or `1h30m`; a cron has five fields and a time zone, `0 6 * * "
      "1-5 Europe/Paris`.");
  WriteConfig(config, reference);
  WriteTable(reference);
  WriteEveryCheck(reference);
  reference.Heading(2, "Kinds");
  for (const Kind& kind : Kinds()) WriteKind(kind, reference);
  return reference.Take();
}

}  // namespace amont
