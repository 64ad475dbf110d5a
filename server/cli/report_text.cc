// The report on a terminal: table by table, worst first.

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/unicode.h"
#include "server/cli/report.h"

namespace amont {

namespace {

constexpr size_t kIndent = 12;  // where ids begin: after the longest status

enum class Tint { kNone, kRed, kYellow, kGreen, kDim, kBold };

class Page {
 public:
  explicit Page(const TextStyle& style) : style_(style) {}

  std::string Tinted(Tint tint, std::string_view text) const {
    if (!style_.colour || tint == Tint::kNone) return std::string(text);
    const char* code = "0";
    switch (tint) {
      case Tint::kRed:
        code = "31;1";
        break;
      case Tint::kYellow:
        code = "33";
        break;
      case Tint::kGreen:
        code = "32";
        break;
      case Tint::kDim:
        code = "2";
        break;
      case Tint::kBold:
        code = "1";
        break;
      case Tint::kNone:
        break;
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }
  void Line(std::string_view text = "") {
    text_ += text;
    text_ += '\n';
  }
  // Words of `text` filled into lines of the page's width, each after `indent` spaces; `label` stands before
  // the first.
  void Filled(size_t indent, std::string_view text, std::string_view label = "") {
    const size_t room = style_.width > indent + 20 ? style_.width - indent : 20;
    std::string before = std::string(label) + std::string(indent - std::min(indent, label.size()), ' ');
    std::string line;
    const auto flush = [&] {
      Line(before + Tinted(Tint::kDim, line));
      before.assign(indent, ' ');
      line.clear();
    };
    size_t at = 0;
    while (at < text.size()) {
      const size_t end = std::min(text.find(' ', at), text.size());
      const std::string_view word = text.substr(at, end - at);
      if (!line.empty() && static_cast<size_t>(DisplayWidth(line) + 1 + DisplayWidth(word)) > room) {
        flush();
      }
      if (!line.empty()) line += ' ';
      line += word;
      at = end + 1;
    }
    if (!line.empty()) flush();
  }
  const TextStyle& style() const { return style_; }
  std::string Take() { return std::move(text_); }

 private:
  const TextStyle style_;
  std::string text_;
};

Tint TintOf(Status status) {
  switch (status) {
    case Status::kFail:
      return Tint::kRed;
    case Status::kError:
    case Status::kWarn:
    case Status::kNoData:
      return Tint::kYellow;
    case Status::kPass:
      return Tint::kGreen;
    case Status::kLearning:
      return Tint::kDim;
  }
  return Tint::kNone;
}

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

void RenderSamples(Page& page, const Samples& samples) {
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
  page.Line(page.Tinted(Tint::kDim, line(samples.columns)));
  for (const auto& row : samples.rows) page.Line(line(row));
}

std::string StatusColumn(const Page& page, Status status) {
  const std::string word(ToString(status));
  return "  " + page.Tinted(TintOf(status), word) + std::string(kIndent - 2 - word.size(), ' ');
}

void RenderVerdict(Page& page, const Verdict& verdict) {
  const Check& check = *verdict.check;
  page.Line(fmt::format("{}{}{}  {}", StatusColumn(page, verdict.status),
                        page.Tinted(Tint::kBold, ShortId(check)), verdict.pilot ? " (pilot)" : "",
                        Printable(verdict.sentence)));
  if (verdict.status == Status::kPass || verdict.status == Status::kLearning) return;
  std::vector<std::string> facts = {std::string(ToString(check.severity))};
  const std::string place = check.declared_at.ToString();
  if (!place.empty()) facts.push_back(Printable(place));
  if (!check.runbook.empty()) facts.push_back(Printable(check.runbook));
  page.Filled(kIndent, fmt::format("{}", fmt::join(facts, " · ")));
  if (!check.description.empty()) page.Filled(kIndent, Printable(check.description));
  RenderSamples(page, verdict.samples);
}

constexpr size_t kAlikeMax =
    3;  // more checks than this that fail alike are said at once: a source that is down

size_t CountAlike(const Conclusion& table, const Verdict& verdict) {
  return static_cast<size_t>(
      std::count_if(table.verdicts.begin(), table.verdicts.end(), [&](const Verdict& other) {
        return other.status == verdict.status && other.sentence == verdict.sentence && !other.suppressed;
      }));
}

void RenderTable(Page& page, const Conclusion& table) {
  const Status worst = WorstOf(table);
  const Table& declared = *table.table;
  std::vector<std::string> facts;
  if (!declared.owner.empty()) facts.push_back("owner " + Printable(declared.owner));
  if (declared.tier > 0) facts.push_back(fmt::format("tier {}", declared.tier));
  facts.push_back(Words(TallyOf(table.verdicts)));
  page.Line(fmt::format("{} {}  {}", page.Tinted(TintOf(worst), Sign(worst)),
                        page.Tinted(Tint::kBold, Printable(NameOf(declared))),
                        page.Tinted(Tint::kDim, fmt::format("{}", fmt::join(facts, " · ")))));
  std::vector<std::string> quiet;
  std::map<std::string, std::vector<std::string>> alike;  // ids that could not be measured, by why
  size_t suppressed = 0;
  for (const Verdict& verdict : table.verdicts) {
    if (page.style().verbose) {
      RenderVerdict(page, verdict);
    } else if (verdict.suppressed) {
      ++suppressed;
    } else if (verdict.status == Status::kPass) {
      quiet.push_back(ShortId(*verdict.check));
    } else if (verdict.status == Status::kError && CountAlike(table, verdict) > kAlikeMax) {
      alike[verdict.sentence].push_back(ShortId(*verdict.check));
    } else {
      RenderVerdict(page, verdict);
    }
  }
  for (const auto& [sentence, ids] : alike) {
    page.Line(fmt::format("{}{}: {}", StatusColumn(page, Status::kError),
                          page.Tinted(Tint::kBold, fmt::format("{} checks", ids.size())),
                          Printable(sentence)));
    page.Filled(kIndent, fmt::format("{}", fmt::join(ids, ", ")));
  }
  if (worst == Status::kPass && suppressed == 0) return;  // the headline says it all
  if (suppressed > 0) {
    page.Line(page.Tinted(Tint::kDim, fmt::format("  {} not measured because of that", suppressed)));
  }
  if (!quiet.empty()) page.Filled(kIndent, fmt::format("{}", fmt::join(quiet, ", ")), "  pass");
}

}  // namespace

std::string RenderReportText(const RunReport& report, const TextStyle& style, int exit_code) {
  Page page(style);
  bool previous_was_line = true;
  for (const Conclusion& table : report.tables) {
    const bool is_line = WorstOf(table) == Status::kPass && !style.verbose;
    if (!(is_line && previous_was_line) && &table != &report.tables.front()) page.Line();
    RenderTable(page, table);
    previous_was_line = is_line;
  }
  page.Line();
  for (const std::string& note : report.notes) page.Line(page.Tinted(Tint::kDim, "note: " + Printable(note)));
  const Tally tally = TallyOf(report);
  const std::string when =
      report.as_of ? fmt::format(" as of {}", FormatTimestamp(*report.as_of)) : std::string();
  const auto count = [](size_t number, std::string_view noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
  };
  page.Line(fmt::format("{}{}, {}{}: {} ({}, {})", report.interrupted ? "interrupted: " : "",
                        count(report.tables.size(), "table"), count(tally.checks, "check"), when,
                        page.Tinted(exit_code == 0   ? Tint::kGreen
                                    : exit_code == 2 ? Tint::kYellow
                                                     : Tint::kRed,
                                    Words(tally)),
                        count(report.statements, "statement"), HumanDuration(report.took)));
  return page.Take();
}

}  // namespace amont
