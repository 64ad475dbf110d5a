// A project as a user holds it: a directory with amont.toml, declarations and maybe data files, and the
// program run in it as a process. One thread. A report that is no JSON fails the current test.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/json_tree.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {

// One check of a JSON report.
struct CheckLine {
  std::string status;
  std::string severity;
  std::string sentence;
  std::string observed;  // as written in the JSON, "null" included
  std::string proof;
  std::string error_code;
  std::string declared_at;
  bool suppressed = false;
  bool pilot = false;
  bool reused = false;
  std::map<std::string, std::string> groups;  // group → status
};

// What `amont run --format=json` said.
struct Report {
  int exit_code = 0;
  std::string out;
  std::string err;
  JsonTree json;
  std::map<std::string, CheckLine> checks;  // by id
  std::vector<std::string> notes;
  int statements = 0;
  bool interrupted = false;

  // A check that is not in the report fails the current test.
  const CheckLine& At(const std::string& id) const;
  std::string Status(const std::string& id) const { return At(id).status; }
  // "id status" a line, in order of ids; for whole comparisons.
  std::string Statuses() const;
};
Report ReadReport(const ProcessResult& result);

class Project {
 public:
  // amont.toml with one PostgreSQL source `warehouse` of this URL (or any engine's), and what follows it.
  static std::string Source(std::string_view url, std::string_view more = "");

  const TempDir& directory() const { return dir_; }
  std::string Path(std::string_view relative) const { return dir_.Path(relative); }
  void Config(std::string_view text) const { dir_.Write("amont.toml", text); }
  // The declarations; lines begin at 1 of checks/tables.toml.
  void Declare(std::string_view text) const { dir_.Write("checks/tables.toml", text); }

  // Any command of the program.
  ProcessResult Amont(const std::vector<std::string>& arguments, ProcessOptions options = {}) const;
  // A command that goes on while the test does something.
  std::unique_ptr<Process> Start(const std::vector<std::string>& arguments) const;
  // `amont run --format=json ARGUMENTS`.
  Report Run(const std::vector<std::string>& arguments = {}) const;

 private:
  TempDir dir_;
};

// Whether python3's parser takes the text as XML; its complaint otherwise. Empty where there is no python3
// too.
std::string XmlComplaint(const std::string& text);

}  // namespace amont::testing
