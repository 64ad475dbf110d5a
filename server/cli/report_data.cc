// The report for programs: JSON and JUnit.

#include <fmt/format.h>

#include "core/json.h"
#include "core/unicode.h"
#include "core/version.h"
#include "server/cli/json_fields.h"
#include "server/cli/report.h"

namespace amont {

namespace {

void WriteSamples(JsonWriter& json, const Samples& samples) {
  if (samples.rows.empty()) return;
  json.Key("samples").BeginObject().Key("columns").BeginArray();
  for (const std::string& column : samples.columns) json.String(column);
  json.EndArray().Key("rows").BeginArray();
  for (const auto& row : samples.rows) {
    json.BeginArray();
    for (const std::string& cell : row) json.String(cell);
    json.EndArray();
  }
  json.EndArray().EndObject();
}

void WriteStanding(JsonWriter& json, const Standing& standing) {
  WriteOptional(json, "since", standing.since);
  WriteOptional(json, "last_run", standing.last_run);
  WriteOptional(json, "last_success", standing.last_success);
  WriteOptional(json, "next_run", standing.next_run);
}

void WriteVerdict(JsonWriter& json, const RunReport& report, const Verdict& verdict) {
  const Check& check = *verdict.check;
  json.BeginObject();
  json.Key("id").String(check.id).Key("kind").String(check.kind);
  json.Key("status").String(ToString(verdict.status)).Key("severity").String(ToString(check.severity));
  if (verdict.pilot) json.Key("pilot").Boolean(true);
  if (verdict.suppressed) json.Key("suppressed").Boolean(true);
  json.Key("sentence").String(verdict.sentence);
  json.Key("observed");
  WriteValue(json, verdict.observed);
  WriteText(json, "expected", verdict.expected);
  WriteOptional(json, "expected_min", verdict.expected_min);
  WriteOptional(json, "expected_max", verdict.expected_max);
  WriteOptional(json, "deadline", verdict.deadline);
  WriteText(json, "proof", verdict.proof);
  if (verdict.reused) json.Key("reused").Boolean(true);
  if (verdict.error) {
    json.Key("error").BeginObject().Key("code").String(ToString(verdict.error->code));
    WriteText(json, "sqlstate", verdict.error->sqlstate);
    json.Key("message").String(verdict.error->message).EndObject();
  }
  if (!verdict.groups.empty()) {
    json.Key("groups").BeginArray();
    for (const GroupVerdict& group : verdict.groups) {
      json.BeginObject().Key("group").String(group.group).Key("status").String(ToString(group.status));
      json.Key("observed");
      WriteValue(json, group.observed);
      json.Key("sentence").String(group.sentence).EndObject();
    }
    json.EndArray();
  }
  WriteSamples(json, verdict.samples);
  if (report.standings) {
    WriteStanding(json, report.standings->at(check.id));
  } else {
    json.Key("at").String(FormatTimestamp(verdict.at));
  }
  if (const std::string place = check.declared_at.ToString(); !place.empty())
    json.Key("declared_at").String(place);
  WriteText(json, "description", check.description);
  WriteText(json, "runbook", check.runbook);
  json.EndObject();
}

std::string Xml(std::string_view text) {
  std::string out;
  const std::string whole = RepairUtf8(text);
  for (size_t at = 0; at < whole.size(); ++at) {
    // XML 1.0 has no U+FFFE and U+FFFF, and of the control characters only three.
    if (whole.compare(at, 3, "\xef\xbf\xbe") == 0 || whole.compare(at, 3, "\xef\xbf\xbf") == 0) {
      at += 2;
      continue;
    }
    const char c = whole[at];
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
      case '\t':
        out += ' ';
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
  }
  return out;
}

enum class Outcome { kGood, kFailure, kError, kSkipped };

Outcome OutcomeOf(const Verdict& verdict, FailOn fail_on) {
  if (verdict.pilot || verdict.suppressed) return Outcome::kSkipped;
  switch (verdict.status) {
    case Status::kPass:
      return Outcome::kGood;
    case Status::kFail:
      return Outcome::kFailure;
    case Status::kWarn:
      return fail_on == FailOn::kWarn ? Outcome::kFailure : Outcome::kGood;
    case Status::kError:
      return Outcome::kError;
    case Status::kNoData:
    case Status::kLearning:
      return Outcome::kSkipped;
  }
  return Outcome::kGood;
}

}  // namespace

std::string RenderReportJson(const RunReport& report, int exit_code) {
  JsonWriter json;
  json.BeginObject();
  json.Key("amont").String(Version());
  WriteText(json, "config", report.config_path);
  WriteText(json, "told_by", report.told_by);
  json.Key(report.standings ? "asked" : "started").String(FormatTimestamp(report.started));
  WriteOptional(json, "as_of", report.as_of);
  if (!report.standings) {
    json.Key("duration_seconds").Number(std::chrono::duration<double>(report.took).count());
    json.Key("statements").Integer(static_cast<int64_t>(report.statements));
  }
  json.Key("interrupted").Boolean(report.interrupted).Key("exit_code").Integer(exit_code);
  const Tally tally = TallyOf(report);
  json.Key("summary").BeginObject().Key("tables").Integer(static_cast<int64_t>(report.tables.size()));
  json.Key("checks").Integer(static_cast<int64_t>(tally.checks));
  for (const Status status :
       {Status::kPass, Status::kLearning, Status::kNoData, Status::kWarn, Status::kError, Status::kFail}) {
    json.Key(ToString(status)).Integer(static_cast<int64_t>(tally.Of(status)));
  }
  json.Key("suppressed").Integer(static_cast<int64_t>(tally.suppressed));
  json.Key("pilot").Integer(static_cast<int64_t>(tally.pilots)).EndObject();
  json.Key("notes").BeginArray();
  for (const std::string& note : report.notes) json.String(note);
  json.EndArray();
  json.Key("tables").BeginArray();
  for (const Conclusion& table : report.tables) {
    json.BeginObject().Key("source").String(table.table->name.source);
    json.Key("table").String(table.table->name.Local());
    WriteText(json, "owner", table.table->owner);
    if (table.table->tier > 0) json.Key("tier").Integer(table.table->tier);
    json.Key("checks").BeginArray();
    for (const Verdict& verdict : table.verdicts) WriteVerdict(json, report, verdict);
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return json.Text() + "\n";
}

std::string RenderReportJunit(const RunReport& report, FailOn fail_on) {
  std::string body;
  size_t all_failures = 0, all_errors = 0, all_skipped = 0, all = 0;
  for (const Conclusion& table : report.tables) {
    std::string cases;
    size_t failures = 0, errors = 0, skipped = 0;
    for (const Verdict& verdict : table.verdicts) {
      const std::string sentence = Xml(verdict.sentence);
      const std::string place = Xml(verdict.check->declared_at.ToString());
      cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", Xml(table.table->name.Full()),
                           Xml(verdict.check->id));
      switch (OutcomeOf(verdict, fail_on)) {
        case Outcome::kGood:
          cases += "/>\n";
          continue;
        case Outcome::kFailure:
          ++failures;
          cases += fmt::format(">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                               ToString(verdict.check->severity), sentence, place);
          break;
        case Outcome::kError:
          ++errors;
          cases += fmt::format(">\n      <error type=\"{}\" message=\"{}\">{}</error>\n",
                               verdict.error ? ToString(verdict.error->code) : "error", sentence, place);
          break;
        case Outcome::kSkipped:
          ++skipped;
          cases += fmt::format(">\n      <skipped message=\"{}{}\"/>\n",
                               verdict.pilot        ? "pilot: "
                               : verdict.suppressed ? "suppressed: "
                                                    : "",
                               sentence);
          break;
      }
      cases += "    </testcase>\n";
    }
    body += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  "
        "</testsuite>\n",
        Xml(table.table->name.Full()), table.verdicts.size(), failures, errors, skipped, cases);
    all += table.verdicts.size();
    all_failures += failures;
    all_errors += errors;
    all_skipped += skipped;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"amont\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n{}</testsuites>\n",
      all, all_failures, all_errors, all_skipped, std::chrono::duration<double>(report.took).count(), body);
}

}  // namespace amont
