// The house's rules, checked on the files themselves: who may include whom, which library is known where, and
// what a file may look like. To change a rule, change its row here and say why in the commit.

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/paths.h"

namespace amont {
namespace {

// ---------- The rules

// Layers: what stands directly below each folder. A file includes its own folder and everything below it.
// CMakeLists.txt links the libraries in the same way.
const std::map<std::string, std::vector<std::string>> kBelow = {
    {"core", {}},
    {"core/sql", {"core"}},
    {"checks", {"core/sql"}},
    {"checks/kinds", {"checks"}},
    {"checks/declare", {"checks/kinds"}},
    {"checks/plan", {"checks"}},
    {"checks/judge", {"checks"}},
    {"checks/run", {"checks/declare", "checks/plan", "checks/judge"}},
    {"lineage", {"core"}},
    {"lineage/sql", {"lineage"}},
    {"lineage/dbt", {"lineage/sql"}},
    {"lineage/openlineage", {"lineage/sql"}},
    {"lineage/catalog", {"lineage"}},
    {"server/config", {"checks/run", "lineage"}},
    {"server/store", {"checks/run", "lineage"}},
    {"server/executor", {"checks/run"}},
    {"server/scheduler", {"checks/run"}},
    {"server/clock", {"core"}},
    {"server/lineage", {"checks", "lineage"}},
    {"server/ingest", {"server/store", "lineage/openlineage"}},
    {"server/telemetry", {"server/store", "server/clock"}},
    {"server/http", {"core"}},
    {"server/rpc", {"server/config", "server/telemetry", "server/ingest"}},
    {"server/app",
     {"server/executor", "server/scheduler", "server/lineage", "server/http", "server/rpc", "server/ingest",
      "lineage/dbt", "lineage/catalog", "lineage/sql"}},
    {"server/cli", {"server/app", "lineage/sql"}},
    {"server", {"server/cli"}},
};

// Third-party headers, and the only product files that may know them.
struct Header {
  const char* pattern;
  std::vector<const char*> files;
};
const std::vector<Header> kThirdParty = {
    {"tl/expected.hpp", {"core/result.h"}},
    {"fmt/*", {"*"}},
    {"nlohmann/json_fwd.hpp", {"*"}},
    {"nlohmann/*", {"core/json.cc", "core/json_document.cc"}},
    {"pg_query.h", {"lineage/sql/parser.cc"}},
    {"toml++/*", {"core/toml_*.cc"}},
    {"cctz/*", {"core/zone*", "core/time*.cc"}},
    {"spdlog/*", {"core/log.cc"}},
    {"libpq-fe.h", {"core/sql/postgres*.cc"}},
    {"pqxx/*", {"core/sql/postgres_store.cc", "tests/testing/postgres.cc"}},
    {"sqlite3.h", {"core/sql/sqlite*"}},
    {"pcre2.h", {"core/sql/sqlite_functions.cc"}},
    {"duckdb.h", {"core/sql/duckdb*"}},
    {"dlfcn.h", {"core/sql/duckdb*.cc"}},
    {"CLI/*", {"server/cli/*"}},
    {"grpcpp/*", {"server/rpc/*", "server/cli/*"}},
    {"grpc/*", {"server/rpc/*"}},
    {"google/*", {"server/rpc/*", "server/cli/*"}},
    {"amont/v1/*", {"server/rpc/*", "server/cli/*"}},  // generated from proto/
    {"openssl/*", {"server/rpc/*"}},
    {"prometheus/*", {"server/telemetry/instruments.cc"}},
    {"zlib.h", {"server/telemetry/deflate.cc", "server/http/inflate.cc"}},
    {"microhttpd.h", {"server/http/http_*"}},
};

// The operating system's own headers that are in use; everything else in <> with a dot must stand in the
// table above.
const std::vector<const char*> kSystem = {"sys/*",     "netinet/*", "arpa/*",   "netdb.h",   "unistd.h",
                                          "fcntl.h",   "poll.h",    "signal.h", "pthread.h", "termios.h",
                                          "fnmatch.h", "glob.h",    "pwd.h",    "strings.h"};

// Texts that may not stand in a file, and why. Those about code do not look into comments.
enum class In { kCode, kWholeFile };
struct Text {
  In in;
  const char* regex;
  std::vector<const char*> where;   // patterns of paths
  std::vector<const char*> except;  // likewise
  const char* why;
};
const std::vector<const char*> kAll = {"*"};
const std::vector<const char*> kNone = {};
const std::vector<const char*> kTests = {"tests/*"};
const std::vector<const char*> kGuarded = {"core/guarded.h", "tests/*"};
const std::vector<const char*> kBelowServer = {"core/*", "checks/*", "lineage/*"};
// clang-format off
const std::vector<Text> kForbidden = {
    {In::kCode, "std::(recursive_|shared_|timed_)*mutex\\b", kAll, kGuarded, "hold the value in a Guarded<T>"},
    {In::kCode, "std::atomic<std::shared_ptr", kAll, kNone, "a data race in g++ 12: use Published<T>"},
    {In::kCode, "system_clock::now|\\bgettimeofday\\b|CLOCK_REALTIME|\\bstd::time\\(", kBelowServer, kNone,
     "below server/ time is a parameter"},
    {In::kCode, "std::(thread|jthread|async)\\b(?!::)", kBelowServer, kNone, "below server/ nobody starts a thread"},
    {In::kCode, "std::views::filter|std::format\\b|std::expected\\b", kAll, kNone,
     "g++ 12 or clang 14 does not compile it"},
    {In::kCode, "^ *using namespace (?!std::\\w*literals)", kAll, kNone, "name what you use"},
    {In::kCode, "sleep_for|sleep_until|\\busleep\\(|\\bsleep\\(", kAll, kTests, "wait for something, with a stop"},
    {In::kWholeFile, "\\b(TODO|FIXME|XXX|HACK)\\b", kAll, kNone, "finish it, or open an issue"},
    {In::kWholeFile, "\t", kAll, kNone, "indent with spaces"},
    {In::kWholeFile, "[ \r]$", kAll, kNone, "no blanks at the end of a line"},
};
// clang-format on

// Words that name nothing. They may not be a whole part of a path, nor the last word of one.
const std::set<std::string> kEmptyNames = {"util",    "utils", "common",  "helper",
                                           "helpers", "types", "manager", "misc"};

constexpr int kFileLines = 450;
constexpr int kFunctionLines = 80;

// ---------- Checking one file

struct File {
  std::string path;  // relative to the project's root, with "/"
  std::string text;
};

bool Matches(const std::string& path, const std::vector<const char*>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const char* pattern) { return fnmatch(pattern, path.c_str(), 0) == 0; });
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool IsProduct(const std::string& path) { return !path.starts_with("tests/") && !path.starts_with("bench/"); }

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

struct Include {
  int line;
  bool system;  // in <>
  std::string name;
};

std::vector<Include> IncludesOf(const File& file) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> includes;
  int number = 0;
  for (const std::string& line : Lines(file.text)) {
    ++number;
    std::smatch match;
    if (std::regex_search(line, match, kInclude)) includes.push_back({number, match[1] == "<", match[2]});
  }
  return includes;
}

std::string At(const File& file, int line, const std::string& message) {
  return file.path + ":" + std::to_string(line) + ": " + message + "\n";
}

bool MayInclude(const std::string& folder, const std::string& other) {
  if (folder == other) return true;
  const auto below = kBelow.find(folder);
  return below != kBelow.end() &&
         std::any_of(below->second.begin(), below->second.end(),
                     [&](const std::string& next) { return MayInclude(next, other); });
}

std::string CheckLayers(const File& file) {
  if (!IsProduct(file.path)) return "";
  const std::string folder = FolderOf(file.path);
  if (!kBelow.contains(folder)) return At(file, 1, folder + " stands in no layer: give it a row in kBelow");
  std::string problems;
  for (const Include& include : IncludesOf(file)) {
    const std::string other = FolderOf(include.name);
    if (include.system) continue;
    if (!kBelow.contains(other)) {
      problems += At(file, include.line, "\"" + include.name + "\" is not named from the project's root");
    } else if (!MayInclude(folder, other)) {
      problems += At(file, include.line,
                     folder + " may not include " + include.name + ": " + other + " is not below it");
    }
  }
  return problems;
}

std::string CheckThirdParty(const File& file) {
  std::string problems;
  for (const Include& include : IncludesOf(file)) {
    if (!include.system || include.name.find_first_of("./") == std::string::npos) continue;
    const auto known = std::find_if(kThirdParty.begin(), kThirdParty.end(), [&](const Header& header) {
      return fnmatch(header.pattern, include.name.c_str(), 0) == 0;
    });
    if (known != kThirdParty.end()) {
      const bool slow = include.name == "nlohmann/json.hpp";  // eight seconds a unit: tests compare text
      if ((IsProduct(file.path) || slow) && !Matches(file.path, known->files)) {
        problems +=
            At(file, include.line, "<" + include.name + "> belongs in " + known->files.front() + " alone");
      }
    } else if (IsProduct(file.path) && !Matches(include.name, kSystem)) {
      problems += At(file, include.line, "<" + include.name + "> has no row in kThirdParty or kSystem");
    }
  }
  return problems;
}

std::string CheckTexts(const File& file) {
  std::string problems;
  for (const Text& text : kForbidden) {
    if (!Matches(file.path, text.where) || Matches(file.path, text.except)) continue;
    const std::regex regex(text.regex);
    int number = 0;
    for (const std::string& line : Lines(file.text)) {
      ++number;
      const std::string read = text.in == In::kWholeFile ? line : line.substr(0, line.find("//"));
      std::smatch match;
      if (std::regex_search(read, match, regex))
        problems += At(file, number, "\"" + match.str() + "\": " + text.why);
    }
  }
  return problems;
}

std::string CheckNames(const File& file) {
  std::string problems;
  for (const std::filesystem::path& part : std::filesystem::path(file.path)) {
    const std::string stem = part.stem().string();
    const std::string last = stem.substr(stem.rfind('_') + 1);
    if (kEmptyNames.contains(stem) || (last != "types" && kEmptyNames.contains(last))) {
      problems += At(file, 1, "\"" + part.string() + "\" names nothing: call it after what it holds");
    }
  }
  return problems;
}

std::string CheckShape(const File& file) {
  std::string problems;
  const std::vector<std::string> lines = Lines(file.text);
  if (std::ssize(lines) > kFileLines) problems += At(file, kFileLines, "longer than this: split it by job");
  if (file.path.ends_with(".h")) {
    if (!file.text.starts_with("// "))
      problems += At(file, 1, "a header opens with a comment that says what it is");
    if (std::find(lines.begin(), lines.end(), "#pragma once") == lines.end())
      problems += At(file, 1, "no #pragma once");
  }
  // A function's body, as clang-format sets it: from a line at the margin that ends with "{" to the next "}"
  // there.
  static const std::regex kNoFunction(
      "^(namespace|class|struct|enum|union|extern|template|const|constexpr|static const)\\b");
  int opened = 0;
  for (int number = 1; number <= std::ssize(lines); ++number) {
    const std::string& line = lines[number - 1];
    if (!line.empty() && line[0] != ' ' && line.ends_with("{")) {
      opened = std::regex_search(line, kNoFunction) ? 0 : number;
    } else if (line == "}" && opened != 0) {
      if (number - opened > kFunctionLines)
        problems += At(file, opened, "a function too long to be seen at once");
      opened = 0;
    }
  }
  return problems;
}

// A Result that was just made must be tested before it is dereferenced. Only variables declared as
// Result<...> are seen.
std::string CheckResults(const File& file) {
  static const std::regex kDeclared(R"((?:const )?Result<.*>&? (\w+)(?: = |\(|\{))");
  const std::vector<std::string> lines = Lines(file.text);
  std::string problems;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, kDeclared) || lines[i].ends_with("{")) continue;
    const std::string name = match[1];
    const std::regex tested("(!|\\b(if|while|and|or) \\(?|&& |\\|\\| |return |TRUE\\()" + name +
                            "\\b(?!->)|\\b" + name + "(\\.has_value\\(\\)| \\?|\\.error\\(\\))");
    const std::regex used("\\*" + name + "\\b|\\b" + name + "->");
    for (size_t j = i + 1; j < lines.size() && lines[j] != "}"; ++j) {
      if (std::regex_search(lines[j], tested)) break;
      if (!std::regex_search(lines[j], used)) continue;
      problems += At(file, static_cast<int>(j) + 1, name + " is dereferenced without a test");
      break;
    }
  }
  return problems;
}

// ---------- On the tree

std::vector<File> SourceFiles() {
  std::vector<File> files;
  for (const char* top : {"core", "checks", "lineage", "server", "tests", "bench"}) {
    const std::filesystem::path folder = testing::SourcePath(top);
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const std::string extension = entry.path().extension();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cc")) continue;
      if (entry.path().filename() == "tidy_test.cc") continue;  // it spells what it forbids
      files.push_back(
          {entry.path().lexically_relative(testing::SourcePath()), testing::ReadFile(entry.path())});
    }
  }
  return files;
}

void ExpectNone(std::string (*check)(const File&)) {
  std::string problems;
  for (const File& file : SourceFiles()) problems += check(file);
  EXPECT_TRUE(problems.empty()) << problems;
}

TEST(Tidy, IncludesGoDownTheLayersOnly) { ExpectNone(CheckLayers); }
TEST(Tidy, ThirdPartyHeadersStayInTheirFiles) { ExpectNone(CheckThirdParty); }
TEST(Tidy, ForbiddenTextsAreAbsent) { ExpectNone(CheckTexts); }
TEST(Tidy, NamesSayWhatAFileHolds) { ExpectNone(CheckNames); }
TEST(Tidy, FilesAndFunctionsFitTheEye) { ExpectNone(CheckShape); }
TEST(Tidy, ResultsAreTestedBeforeUse) { ExpectNone(CheckResults); }

// Two types of one name are one type to the linker: each file then gets the other's destructor.
TEST(Tidy, TypesHaveNamesOfTheirOwn) {
  static const std::regex kType(
      R"(^(?:struct|class|enum class) (?:\[\[nodiscard\]\] )?(\w+)\b(?!::)[^;]*\{)");
  std::map<std::string, std::string> first;  // name → where
  for (const File& file : SourceFiles()) {
    if (!IsProduct(file.path) || !file.path.ends_with(".h")) continue;
    int number = 0;
    for (const std::string& line : Lines(file.text)) {
      ++number;
      std::smatch match;
      if (!std::regex_search(line, match, kType)) continue;
      const auto [other, fresh] = first.emplace(match[1], At(file, number, match[1]));
      EXPECT_TRUE(fresh) << other->second << At(file, number, match[1]);
    }
  }
  EXPECT_GT(first.size(), 100u) << "the types are no longer found";
}

TEST(Tidy, EveryIncludedFileOfOursExists) {
  for (const File& file : SourceFiles()) {
    for (const Include& include : IncludesOf(file)) {
      if (include.system) continue;
      EXPECT_TRUE(std::filesystem::exists(testing::SourcePath(include.name)))
          << At(file, include.line, include.name);
    }
  }
}

TEST(Tidy, LibrariesAreLinkedAsTheLayersStand) {
  static const std::regex kLibrary(R"(\namont_library\((\S+)\s+([^)]*)\))");
  std::map<std::string, std::string> folders;  // library → folder
  for (const auto& [folder, below] : kBelow) {
    std::string name = folder;
    std::replace(name.begin(), name.end(), '/', '_');
    folders[name] = folder;
  }
  std::set<std::string> seen = {"server"};  // the program itself
  const std::string text = testing::ReadFile(testing::SourcePath("CMakeLists.txt"));
  for (std::sregex_iterator match(text.begin(), text.end(), kLibrary), end; match != end; ++match) {
    const std::string folder = (*match)[1];
    std::vector<std::string> linked;
    std::istringstream words((*match)[2]);
    for (std::string word; words >> word;) {
      if (folders.contains(word)) linked.push_back(folders[word]);
    }
    ASSERT_TRUE(kBelow.contains(folder)) << folder;
    EXPECT_EQ(linked, kBelow.at(folder)) << folder;
    seen.insert(folder);
  }
  EXPECT_EQ(seen.size(), kBelow.size());
}

// ---------- The rules can themselves fail

TEST(TidyRules, AnArrowUpOrAcrossIsFound) {
  EXPECT_NE(CheckLayers({"core/zone.cc", "#include \"core/sql/value.h\"\n"}), "");
  EXPECT_NE(CheckLayers({"checks/plan/fold.cc", "#include \"checks/judge/judge.h\"\n"}), "");
  EXPECT_NE(CheckLayers({"checks/run/run.cc", "#include \"server/store/store.h\"\n"}), "");
  EXPECT_NE(CheckLayers({"checks/plan/fold.cc", "#include \"fold.h\"\n"}), "");
  EXPECT_NE(CheckLayers({"nowhere/file.cc", ""}), "");
  EXPECT_EQ(CheckLayers({"checks/plan/fold.cc", "#include <vector>\n#include \"core/zone.h\"\n"}), "");
}

TEST(TidyRules, AHeaderOutOfItsFileIsFound) {
  EXPECT_NE(CheckThirdParty({"checks/run/run.cc", "#include <libpq-fe.h>\n"}), "");
  EXPECT_NE(CheckThirdParty({"core/zone.h", "#include <boost/any.hpp>\n"}), "");
  EXPECT_NE(CheckThirdParty({"tests/core/json_test.cc", "#include <nlohmann/json.hpp>\n"}), "");
  EXPECT_EQ(
      CheckThirdParty({"core/sql/postgres_session.cc", "#include <libpq-fe.h>\n#include <sys/socket.h>\n"}),
      "");
}

TEST(TidyRules, AForbiddenTextIsFoundOnlyWhereItIsForbidden) {
  EXPECT_NE(CheckTexts({"server/executor/workers.h", "  std::mutex mutex_;\n"}), "");
  EXPECT_EQ(CheckTexts({"core/guarded.h", "  std::mutex mutex_;\n"}), "");
  EXPECT_NE(CheckTexts({"checks/run/run.cc", "auto t = std::chrono::system_clock::now();\n"}), "");
  EXPECT_EQ(CheckTexts({"server/app/clock.cc", "auto t = std::chrono::system_clock::now();\n"}), "");
  EXPECT_NE(CheckTexts({"core/sql/pool.cc", "std::jthread t;\n"}), "");
  EXPECT_EQ(CheckTexts({"core/sql/pool.cc", "std::thread::id owner;\n"}), "");
}

TEST(TidyRules, AnEmptyNameIsFound) {
  EXPECT_NE(CheckNames({"core/utils.h", ""}), "");
  EXPECT_NE(CheckNames({"checks/common/a.h", ""}), "");
  EXPECT_NE(CheckNames({"core/string_util.cc", ""}), "");
  EXPECT_EQ(CheckNames({"core/sql/column_types.h", ""}), "");
}

TEST(TidyRules, AFileOrFunctionTooLongIsFound) {
  std::string body;
  for (int i = 0; i <= kFunctionLines; ++i) body += "  f();\n";
  EXPECT_NE(CheckShape({"core/a.cc", "void F() {\n" + body + "}\n"}), "");
  EXPECT_EQ(CheckShape({"core/a.cc", "namespace amont {\n" + body + "}\n"}), "");
  for (int i = 0; i < kFileLines; ++i) body += "\n";
  EXPECT_NE(CheckShape({"core/a.cc", body}), "");
  EXPECT_NE(CheckShape({"core/a.h", "#pragma once\n"}), "");
  EXPECT_NE(CheckShape({"core/a.h", "// What it is.\n"}), "");
}

TEST(TidyRules, AnUntestedResultIsFound) {
  EXPECT_NE(CheckResults({"core/a.cc", "Result<int> r = F();\nreturn *r;\n"}), "");
  EXPECT_NE(CheckResults({"core/a.cc", "const Result<V> r = F();\nr->size();\n"}), "");
  EXPECT_EQ(CheckResults({"core/a.cc", "Result<int> r = F();\nif (!r) return r.error();\nreturn *r;\n"}), "");
  EXPECT_EQ(
      CheckResults({"core/a.cc", "Result<int> r = F();\nASSERT_TRUE(r.has_value());\nEXPECT_EQ(*r, 1);\n"}),
      "");
}

}  // namespace
}  // namespace amont
