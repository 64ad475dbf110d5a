// The report on a terminal: table by table, worst first.

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/unicode.h"
#include "server/cli/report.h"
#include "server/cli/sheet.h"

namespace amont {

namespace {

constexpr size_t kIndent = 12;  // where ids begin: after the longest status

std::string_view Sign(Status status) {
  switch (status) {
    case Status::kFail:
      return "✗";
    case Status::kError:
      return "!";
    case Status::kWarn:
      return "▲";
    case Status::kNoData:
      return "∅";
    case Status::kLearning:
      return "…";
    case Status::kPass:
      return "✓";
  }
  return " ";
}

Status WorstOf(const Conclusion& table) {
  Status worst = Status::kPass;
  for (const Verdict& verdict : table.verdicts) {
    if (!verdict.pilot && !verdict.suppressed) worst = std::max(worst, verdict.status);
  }
  return worst;
}

// A wildcard that matched nothing stands as it was written, without the quotes its signs need in a name.
std::string NameOf(const Table& table) {
  const TableName& name = table.name;
  if (!table.is_pattern) return name.Full();
  return fmt::format("{}/{}{}{}", name.source, name.schema, name.schema.empty() ? "" : ".", name.table);
}

// The id without its table: "null_ratio(email)@strict".
std::string ShortId(const Check& check) {
  if (check.table->is_pattern) return "matched";
  const std::string prefix = check.table->name.Full() + ":";
  return Printable(check.id.starts_with(prefix) ? check.id.substr(prefix.size()) : check.id);
}

void RenderSamples(Sheet& sheet, const Samples& samples) {
  if (samples.rows.empty()) return;
  std::vector<size_t> widths;
  constexpr size_t kCellMax = 40;
  const auto cell = [](const std::string& text) {
    std::string shown = Printable(text);
    if (shown.size() > kCellMax) {
      size_t cut = kCellMax;  // between characters
      while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0) == 0x80) --cut;
      shown = shown.substr(0, cut) + "…";
    }
    return shown;
  };
  for (const std::string& column : samples.columns)
    widths.push_back(static_cast<size_t>(DisplayWidth(cell(column))));
  for (const auto& row : samples.rows) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], static_cast<size_t>(DisplayWidth(cell(row[i]))));
    }
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text(kIndent, ' ');
    for (size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
      const std::string shown = cell(cells[i]);
      text += shown + std::string(widths[i] + 2 - static_cast<size_t>(DisplayWidth(shown)), ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  sheet.Line(sheet.Tinted(Tint::kDim, line(samples.columns)));
  for (const auto& row : samples.rows) sheet.Line(line(row));
}

std::string StatusColumn(const Sheet& sheet, Status status) {
  const std::string word(ToString(status));
  return "  " + sheet.Tinted(TintOf(status), word) + std::string(kIndent - 2 - word.size(), ' ');
}

std::string Ago(Timestamp then, Timestamp now) {
  return fmt::format("{} ({})", FormatTimestamp(std::chrono::floor<std::chrono::seconds>(then)),
                     HumanDuration(std::max(now - then, Duration(0))));
}

// "since … (3 h)"; of what could not be measured, when it last could.
std::string SinceWords(const Standing& standing, Status status, Timestamp now) {
  if (status != Status::kError) return standing.since ? "since " + Ago(*standing.since, now) : std::string();
  return standing.last_success ? "last measured " + Ago(*standing.last_success, now) : "never measured";
}

std::string NextRunWords(Timestamp next, Timestamp now) {
  if (next <= now) return fmt::format("run due for {}", HumanDuration(now - next));
  return fmt::format("next run in {}", HumanDuration(next - now));
}

void RenderVerdict(Sheet& sheet, const RunReport& report, const Verdict& verdict) {
  const Check& check = *verdict.check;
  sheet.Line(fmt::format("{}{}{}  {}", StatusColumn(sheet, verdict.status),
                         sheet.Tinted(Tint::kBold, ShortId(check)), verdict.pilot ? " (pilot)" : "",
                         Printable(verdict.sentence)));
  if (verdict.status == Status::kPass || verdict.status == Status::kLearning) return;
  std::vector<std::string> facts = {std::string(ToString(check.severity))};
  if (report.standings) {
    std::string since = SinceWords(report.standings->at(check.id), verdict.status, report.started);
    if (!since.empty()) facts.push_back(std::move(since));
  }
  const std::string place = check.declared_at.ToString();
  if (!place.empty()) facts.push_back(Printable(place));
  if (!check.runbook.empty()) facts.push_back(Printable(check.runbook));
  sheet.Filled(kIndent, fmt::format("{}", fmt::join(facts, " · ")));
  if (!check.description.empty()) sheet.Filled(kIndent, Printable(check.description));
  RenderSamples(sheet, verdict.samples);
}

constexpr size_t kAlikeMax =
    3;  // more checks than this that fail alike are said at once: a source that is down

size_t CountAlike(const Conclusion& table, const Verdict& verdict) {
  return static_cast<size_t>(
      std::count_if(table.verdicts.begin(), table.verdicts.end(), [&](const Verdict& other) {
        return other.status == verdict.status && other.sentence == verdict.sentence && !other.suppressed;
      }));
}

// When the first of a table's checks is measured next.
std::optional<Timestamp> NextRunOf(const RunReport& report, const Conclusion& table) {
  std::optional<Timestamp> first;
  for (const Verdict& verdict : table.verdicts) {
    const auto next = report.standings->at(verdict.check->id).next_run;
    if (next && (!first || *next < *first)) first = next;
  }
  return first;
}

void RenderTable(Sheet& sheet, const RunReport& report, const Conclusion& table) {
  const Status worst = WorstOf(table);
  const Table& declared = *table.table;
  std::vector<std::string> facts;
  if (!declared.owner.empty()) facts.push_back("owner " + Printable(declared.owner));
  if (declared.tier > 0) facts.push_back(fmt::format("tier {}", declared.tier));
  facts.push_back(Words(TallyOf(table.verdicts)));
  if (const auto next = report.standings ? NextRunOf(report, table) : std::nullopt) {
    facts.push_back(NextRunWords(*next, report.started));
  }
  sheet.Line(fmt::format("{} {}  {}", sheet.Tinted(TintOf(worst), Sign(worst)),
                         sheet.Tinted(Tint::kBold, Printable(NameOf(declared))),
                         sheet.Tinted(Tint::kDim, fmt::format("{}", fmt::join(facts, " · ")))));
  std::vector<std::string> quiet;
  // Ids of what nothing is known of, by how they stand and why.
  std::map<std::pair<Status, std::string>, std::vector<std::string>> alike;
  size_t suppressed = 0;
  for (const Verdict& verdict : table.verdicts) {
    if (sheet.style().verbose) {
      RenderVerdict(sheet, report, verdict);
      continue;
    }
    if (verdict.suppressed) {
      ++suppressed;
    } else if (verdict.status == Status::kPass) {
      quiet.push_back(ShortId(*verdict.check));
    } else if ((verdict.status == Status::kError || verdict.status == Status::kNoData) &&
               CountAlike(table, verdict) > kAlikeMax) {
      alike[{verdict.status, verdict.sentence}].push_back(ShortId(*verdict.check));
    } else {
      RenderVerdict(sheet, report, verdict);
    }
  }
  for (const auto& [kind, ids] : alike) {
    sheet.Line(fmt::format("{}{}: {}", StatusColumn(sheet, kind.first),
                           sheet.Tinted(Tint::kBold, fmt::format("{} checks", ids.size())),
                           Printable(kind.second)));
    sheet.Filled(kIndent, fmt::format("{}", fmt::join(ids, ", ")));
  }
  if (worst == Status::kPass && suppressed == 0) return;  // the headline says it all
  if (suppressed > 0) {
    sheet.Line(sheet.Tinted(Tint::kDim, fmt::format("  {} not measured because of that", suppressed)));
  }
  if (!quiet.empty()) sheet.Filled(kIndent, fmt::format("{}", fmt::join(quiet, ", ")), "  pass");
}

}  // namespace

std::string RenderReportText(const RunReport& report, const TextStyle& style, int exit_code) {
  Sheet sheet(style);
  bool previous_was_line = true;
  for (const Conclusion& table : report.tables) {
    const bool is_line = WorstOf(table) == Status::kPass && !style.verbose;
    if (!(is_line && previous_was_line) && &table != &report.tables.front()) sheet.Line();
    RenderTable(sheet, report, table);
    previous_was_line = is_line;
  }
  sheet.Line();
  for (const std::string& note : report.notes)
    sheet.Line(sheet.Tinted(Tint::kDim, "note: " + Printable(note)));
  const Tally tally = TallyOf(report);
  const std::string when =
      report.as_of ? fmt::format(" as of {}", FormatTimestamp(*report.as_of)) : std::string();
  const auto count = [](size_t number, std::string_view noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
  };
  const std::string how = report.standings ? "now"
                                           : fmt::format("{}, {}", count(report.statements, "statement"),
                                                         HumanDuration(report.took));
  sheet.Line(fmt::format("{}{}, {}{}: {} ({}{}{})", report.interrupted ? "interrupted: " : "",
                         count(report.tables.size(), "table"), count(tally.checks, "check"), when,
                         sheet.Tinted(exit_code == 0   ? Tint::kGreen
                                      : exit_code == 2 ? Tint::kYellow
                                                       : Tint::kRed,
                                      Words(tally)),
                         how, report.told_by.empty() ? "" : ", ", Printable(report.told_by)));
  return sheet.Take();
}

}  // namespace amont
