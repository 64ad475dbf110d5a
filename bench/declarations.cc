// Loading and validating 100,000 declared checks, and the example: seconds and memory of the program itself.

#include <sys/resource.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/testing/paths.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {
namespace {

constexpr int kTables = 14'500;
constexpr int kTablesPerFile = 500;
constexpr int kRounds = 3;

void WriteDeclarations(const TempDir& dir) {
  dir.Write("amont.toml", "[source.warehouse]\nurl = \"postgresql://amont@db.example/warehouse\"\n");
  for (int file = 0; file * kTablesPerFile < kTables; ++file) {
    std::string text = "[defaults]\nsource = \"warehouse\"\n\n";
    for (int i = 0; i < kTablesPerFile; ++i) {
      text += fmt::format(
          "[[table]]\nname = \"mart.t{}\"\nschedule = \"15m\"\nnot_null = [\"id\"]\nunique = [\"id\"]\nvolume = {{ min = "
          "1000 }}\n[table.freshness]\ncolumn = \"loaded_at\"\nfail_after = \"26h\"\n[table.columns.email]\nnull_ratio = "
          "\"1%\"\n[table.columns.id]\ntype = \"bigint\"\n\n",
          file * kTablesPerFile + i);
    }
    dir.Write(fmt::format("checks/f{}.toml", file), text);
  }
}

struct Cost {
  double seconds = 0;
  double megabytes = 0;  // the largest of any child so far
  std::string out;
};

Cost Validate(const std::string& config) {
  Cost best{1e9, 0, ""};
  for (int round = 0; round < kRounds; ++round) {
    const auto before = std::chrono::steady_clock::now();
    const ProcessResult result = RunProgram({AmontProgram(), "validate", "--config", config});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
    best.seconds = std::min(best.seconds, seconds);
    best.out = result.out + result.err;
  }
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  best.megabytes = static_cast<double>(usage.ru_maxrss) / 1024;
  return best;
}

void Run() {
  const Cost example = Validate(SourcePath("examples/flights/amont.toml").string());
  TempDir dir;
  WriteDeclarations(dir);
  const Cost many = Validate(dir.Path("amont.toml"));
  std::printf("Declarations\n");
  std::printf("  validate examples/flights    %6.0f ms          (at most 100)\n", example.seconds * 1e3);
  std::printf("  %s", many.out.c_str());
  std::printf("  validate all of these        %6.2f s           (at most 2)\n", many.seconds);
  std::printf("  its memory                   %6.0f MB          (at most 600)\n", many.megabytes);
}

}  // namespace
}  // namespace amont::testing

int main() {
  amont::testing::Run();
  return 0;
}
