// `amont backtest`: what a learned bound would have said of a history.

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "checks/judge/baseline_text.h"
#include "checks/judge/replay.h"
#include "core/file.h"
#include "core/quoted.h"
#include "core/unicode.h"
#include "server/cli/band_chart.h"
#include "server/cli/command.h"
#include "server/cli/series_csv.h"
#include "server/cli/word_option.h"

namespace amont {
namespace {

constexpr size_t kInputMax = size_t{1} << 30;
constexpr size_t kChartLines = 9;
constexpr size_t kNoisiest = 5;
constexpr size_t kAlertsShown = 10;

enum class BacktestFormat { kText, kCsv };
enum class SeasonChoice { kAuto, kDay, kHour, kNone };

struct BacktestFlags {
  std::string input;
  std::string zone = "UTC";
  BacktestFormat format = BacktestFormat::kText;
  SeasonChoice season = SeasonChoice::kAuto;
  BaselineDirection direction = BaselineDirection::kBoth;
  BaselineSensitivity sensitivity = BaselineSensitivity::kNormal;
};

// One series: its lines in the input, and what was said of each.
struct Replayed {
  std::vector<size_t> lines;
  std::vector<SeriesPoint> points;
  std::vector<ReplayedPoint> answers;
  ReplaySummary summary;
};
using ReplayedSeries = std::map<std::string, Replayed>;

BaselineOptions OptionsFor(const BacktestFlags& flags, std::span<const SeriesPoint> points) {
  BaselineOptions options;
  options.direction = flags.direction;
  options.sensitivity = flags.sensitivity;
  switch (flags.season) {
    case SeasonChoice::kAuto:
      options.season = SeasonOf(points);
      break;
    case SeasonChoice::kDay:
      options.season = BaselineSeason::kDay;
      break;
    case SeasonChoice::kHour:
      options.season = BaselineSeason::kHour;
      break;
    case SeasonChoice::kNone:
      options.season = BaselineSeason::kNone;
      break;
  }
  return options;
}

ReplayedSeries ReplayAll(const std::vector<SeriesLine>& lines, const BacktestFlags& flags, const Zone& zone) {
  ReplayedSeries all;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].problem.empty()) continue;
    Replayed& series = all[lines[i].series];
    series.lines.push_back(i);
    series.points.push_back(lines[i].point);
  }
  for (auto& [name, series] : all) {
    series.answers = Replay(series.points, OptionsFor(flags, series.points), zone);
    series.summary = Summarise(series.points, series.answers);
  }
  return all;
}

// A bound with two digits behind the point where it is small enough for them to matter.
std::string Bound(double rows) {
  return rows < 1'000 ? fmt::format("{:.2f}", rows) : fmt::format("{:.0f}", rows);
}

std::string AnswerCells(const ReplayedPoint& answer) {
  if (!answer.problem.empty()) return ",,,error," + CsvCell(answer.problem);
  const BaselineJudgement& judgement = answer.judgement;
  std::string bounds = ",,";
  if (judgement.expected) {
    bounds = fmt::format("{},{},{}", Bound(*judgement.expected), Bound(judgement.low), Bound(judgement.high));
  }
  return fmt::format("{},{},{}", bounds, Word(judgement.status), CsvCell(ReasonText(judgement)));
}

// Every line of the input, in its order.
bool PrintCsv(const std::vector<SeriesLine>& lines, const ReplayedSeries& all) {
  std::vector<const ReplayedPoint*> answers(lines.size());
  for (const auto& [name, series] : all) {
    for (size_t i = 0; i < series.lines.size(); ++i) answers[series.lines[i]] = &series.answers[i];
  }
  std::string text = "series,timestamp,value,expected,low,high,status,reason\n";
  for (size_t i = 0; i < lines.size(); ++i) {
    const SeriesLine& line = lines[i];
    text +=
        fmt::format("{},{},{},{}\n", CsvCell(line.series), CsvCell(line.time), CsvCell(line.value),
                    answers[i] == nullptr ? ",,,error," + CsvCell(line.problem) : AnswerCells(*answers[i]));
    if (text.size() < (size_t{1} << 20)) continue;
    if (!Print(text)) return false;
    text.clear();
  }
  return Print(text);
}

std::string Counted(size_t count, std::string_view one) {
  return fmt::format("{} {}{}", RowsText(static_cast<double>(count)), one, count == 1 ? "" : "s");
}

void AddSeries(Sheet& sheet, const std::string& name, const Replayed& series,
               const std::vector<SeriesLine>& lines) {
  sheet.Line(sheet.Tinted(Tint::kBold, Printable(name)));
  std::string drawn = DrawBand(series.answers, sheet, kChartLines);
  drawn.pop_back();
  sheet.Line(drawn);
  const ReplaySummary& summary = series.summary;
  sheet.Line(fmt::format(
      "  {} to {}: {}, {} learning{}; {} in {}, {:.1f} a year", Printable(lines[series.lines.front()].time),
      Printable(lines[series.lines.back()].time), Counted(summary.points, "value"), summary.learning,
      summary.left_out == 0 ? "" : fmt::format(", {} left out", summary.left_out),
      Counted(summary.alerts, "alert"), Counted(summary.incidents, "incident"), summary.IncidentsAYear()));
  size_t shown = 0;
  for (size_t i = 0; i < series.answers.size(); ++i) {
    const ReplayedPoint& answer = series.answers[i];
    if (answer.problem.empty() && !answer.judgement.Alerts()) continue;
    if (++shown > kAlertsShown) continue;
    const bool fails = answer.problem.empty() && answer.judgement.status == BaselineStatus::kFail;
    const std::string word = answer.problem.empty() ? std::string(Word(answer.judgement.status)) : "error";
    sheet.Filled(4, answer.problem.empty() ? ReasonText(answer.judgement) : answer.problem,
                 fmt::format("{} {} ", Printable(lines[series.lines[i]].time),
                             sheet.Tinted(fails ? Tint::kRed : Tint::kYellow, word)));
  }
  if (shown > kAlertsShown) sheet.Line(fmt::format("    … and {} more", shown - kAlertsShown));
  sheet.Line();
}

bool PrintText(const CommandContext& context, const std::vector<SeriesLine>& lines,
               const ReplayedSeries& all) {
  Sheet sheet(StyleOf(context, false));
  ReplaySummary total;
  double days = 0;
  std::vector<std::pair<double, std::string>> noisiest;
  for (const auto& [name, series] : all) {
    AddSeries(sheet, name, series, lines);
    total.points += series.summary.points;
    total.alerts += series.summary.alerts;
    total.incidents += series.summary.incidents;
    days += series.summary.days;
    if (series.summary.incidents > 0) noisiest.emplace_back(series.summary.IncidentsAYear(), name);
  }
  size_t broken = 0;
  for (const SeriesLine& line : lines) broken += line.problem.empty() ? 0 : 1;
  sheet.Line(fmt::format("{}, {}: {} in {}, {:.1f} a series and year", fmt::format("{} series", all.size()),
                         Counted(total.points, "value"), Counted(total.alerts, "alert"),
                         Counted(total.incidents, "incident"),
                         days < 1 ? 0 : static_cast<double>(total.incidents) * 365 / days));
  if (broken > 0) {
    const auto first = std::find_if(lines.begin(), lines.end(),
                                    [](const SeriesLine& line) { return !line.problem.empty(); });
    sheet.Line(fmt::format("{} could not be read; the first: {}", Counted(broken, "line"), first->problem));
  }
  std::sort(noisiest.rbegin(), noisiest.rend());
  if (all.size() > 1 && !noisiest.empty()) {
    std::string names;
    for (size_t i = 0; i < std::min(kNoisiest, noisiest.size()); ++i) {
      names += fmt::format("{}{} ({:.1f} a year)", i == 0 ? "" : ", ", Printable(noisiest[i].second),
                           noisiest[i].first);
    }
    sheet.Filled(2, names, "noisiest: ");
  }
  return Print(sheet.Take());
}

int Backtest(const CommandContext& context, const BacktestFlags& flags) {
  const auto zone = Zone::Load(flags.zone);
  if (!zone) return Complain("--timezone: " + zone.error().message, exit_code::kUsage);
  const auto text = ReadFile(flags.input == "-" ? "/dev/stdin" : flags.input, kInputMax);
  if (!text) return Complain(text.error().message, exit_code::kUsage);
  const auto lines = ReadSeriesCsv(*text, *zone);
  if (!lines) return Complain(fmt::format("{}: {}", flags.input, lines.error().message), exit_code::kUsage);
  const ReplayedSeries all = ReplayAll(*lines, flags, *zone);
  const bool printed =
      flags.format == BacktestFormat::kCsv ? PrintCsv(*lines, all) : PrintText(context, *lines, all);
  return printed ? exit_code::kGood : exit_code::kUnknown;
}

}  // namespace

void AddBacktestCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<BacktestFlags>();
  CLI::App* backtest = app.add_subcommand("backtest", "what a learned bound would have said of a history");
  backtest->add_option("--input", flags->input, "CSV: series,timestamp,value[,holiday]; - is standard input")
      ->required()
      ->option_text("FILE");
  AddWordOption<BacktestFormat>(
      *backtest, "--format", flags->format, {{"text", BacktestFormat::kText}, {"csv", BacktestFormat::kCsv}},
      "drawn for people, or series,timestamp,value,expected,low,high,status,reason");
  AddWordOption<SeasonChoice>(*backtest, "--season", flags->season,
                              {{"auto", SeasonChoice::kAuto},
                               {"day", SeasonChoice::kDay},
                               {"hour", SeasonChoice::kHour},
                               {"none", SeasonChoice::kNone}},
                              "what repeats: weekdays, hours of the week, nothing; auto asks the times");
  AddWordOption<BaselineDirection>(*backtest, "--direction", flags->direction,
                                   {{"both", BaselineDirection::kBoth},
                                    {"drop", BaselineDirection::kDrop},
                                    {"rise", BaselineDirection::kRise}},
                                   "which changes alert");
  AddWordOption<BaselineSensitivity>(*backtest, "--sensitivity", flags->sensitivity,
                                     {{"low", BaselineSensitivity::kLow},
                                      {"normal", BaselineSensitivity::kNormal},
                                      {"high", BaselineSensitivity::kHigh}},
                                     "how little is enough");
  backtest->add_option("--timezone", flags->zone, "whose days and hours they are")
      ->option_text("ZONE")
      ->capture_default_str();
  backtest->callback(
      [&context, flags] { context.action = [&context, flags] { return Backtest(context, *flags); }; });
}

}  // namespace amont
