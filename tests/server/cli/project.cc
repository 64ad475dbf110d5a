#include "tests/server/cli/project.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

CheckLine ReadCheck(const JsonTree& check) {
  CheckLine line;
  line.status = check["status"].text;
  line.severity = check["severity"].text;
  line.sentence = check["sentence"].text;
  line.observed = check["observed"].text;
  line.proof = check["proof"].text;
  line.error_code = check["error"]["code"].text;
  line.declared_at = check["declared_at"].text;
  line.suppressed = check["suppressed"].IsTrue();
  line.pilot = check["pilot"].IsTrue();
  line.reused = check["reused"].IsTrue();
  for (const JsonTree& group : check["groups"].items) line.groups[group["group"].text] = group["status"].text;
  return line;
}

}  // namespace

const CheckLine& Report::At(const std::string& id) const {
  static const CheckLine kNone{"not in the report", "", "", "", "", "", "", false, false, false, {}};
  const auto it = checks.find(id);
  if (it != checks.end()) return it->second;
  ADD_FAILURE() << id << " is not in the report:\n" << Statuses() << err;
  return kNone;
}

std::string Report::Statuses() const {
  std::string text;
  for (const auto& [id, check] : checks) text += id + " " + check.status + "\n";
  return text;
}

Report ReadReport(const ProcessResult& result) {
  Report report;
  report.exit_code = result.exit_code;
  report.out = result.out;
  report.err = result.err;
  if (auto tree = ParseJson(result.out)) {
    report.json = std::move(*tree);
  } else {
    ADD_FAILURE() << "no JSON report, exit code " << result.exit_code << "\n" << result.out << result.err;
    return report;
  }
  for (const JsonTree& table : report.json["tables"].items) {
    for (const JsonTree& check : table["checks"].items) {
      EXPECT_TRUE(report.checks.emplace(check["id"].text, ReadCheck(check)).second)
          << check["id"].text << " twice";
    }
  }
  for (const JsonTree& note : report.json["notes"].items) report.notes.push_back(note.text);
  report.statements = std::atoi(report.json["statements"].text.c_str());
  report.interrupted = report.json["interrupted"].IsTrue();
  EXPECT_EQ(report.json["exit_code"].text, std::to_string(report.exit_code));
  return report;
}

std::string Project::Source(std::string_view url, std::string_view more) {
  return "[source.warehouse]\nurl = \"" + std::string(url) + "\"\n" + std::string(more) + "\n";
}

ProcessResult Project::Amont(const std::vector<std::string>& arguments, ProcessOptions options) const {
  std::vector<std::string> command = {AmontProgram()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  if (options.directory.empty()) options.directory = dir_.path().string();
  return RunProgram(command, options);
}

std::unique_ptr<Process> Project::Start(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {AmontProgram()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ProcessOptions options;
  options.directory = dir_.path().string();
  return std::make_unique<Process>(command, options);
}

Report Project::Run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {"run", "--format=json"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return ReadReport(Amont(command));
}

std::string XmlComplaint(const std::string& text) {
  ProcessOptions options;
  options.input = text;
  const ProcessResult result = RunProgram(
      {"python3", "-c", "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin.buffer)"}, options);
  return result.exit_code == 0 || result.exit_code == 127 ? "" : result.err;
}

}  // namespace amont::testing
