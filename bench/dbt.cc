// A dbt manifest of 100 MB: seconds and memory of reading it, against parsing the same text whole.

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "core/json_document.h"
#include "lineage/dbt/manifest.h"

namespace amont {
namespace {

constexpr size_t kSize = 100'000'000;

// Models of some 12 KB that each read two before them, with columns and compiled SQL, as real ones have.
std::string Manifest() {
  std::string text =
      R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json","project_name":"big"},"nodes":{)";
  text.reserve(kSize + 100'000);  // growing would take memory that is measured below
  std::string columns;
  for (int i = 0; i < 30; ++i) {
    columns += fmt::format(
        R"({}"c{}":{{"name":"c{}","description":"What it is, in a sentence or two.","meta":{{}},"data_type":null,"tags":[]}})",
        i > 0 ? "," : "", i, i);
  }
  std::string sql = "select ";
  for (int i = 0; i < 200; ++i) sql += fmt::format("coalesce(c{}, 0) as c{}, ", i, i);
  for (int i = 0; text.size() < kSize; ++i) {
    text += fmt::format(
        R"({}"model.big.m{}":{{"unique_id":"model.big.m{}","resource_type":"model","package_name":"big","name":"m{}","alias":"m{}","database":"db","schema":"s","relation_name":"\"db\".\"s\".\"m{}\"","config":{{"enabled":true,"materialized":"table"}},"depends_on":{{"nodes":["model.big.m{}","model.big.m{}"]}},"columns":{{{}}},"compiled_code":"{}"}})",
        i > 0 ? "," : "", i, i, i, i, i, i / 2, i / 3, columns, sql);
  }
  text += "}}";
  return text;
}

double Megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

template <class Work>
double Seconds(const Work& work) {
  const auto before = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

void Run() {
  const std::string text = Manifest();
  const double before = Megabytes();
  size_t edges = 0;
  const double reading = Seconds([&] {
    const auto project = ReadDbtManifest(text, "", {.source = "wh", .databases = {}}, {});
    if (project) edges = project->extract.edges.size();
  });
  const double memory = Megabytes() - before;
  const double parsing = Seconds([&] { edges += ParseJson(text)->Root().Size(); });
  std::printf("A dbt manifest of %.0f MB, %zu edges\n", static_cast<double>(text.size()) / 1e6, edges);
  std::printf("  reading it                   %6.2f s           (at most 5)\n", reading);
  std::printf("  memory beyond the text       %6.0f MB          (at most 200)\n", memory);
  std::printf("  ratio to parsing it whole    %6.2f             (at most 2)\n", reading / parsing);
}

}  // namespace
}  // namespace amont

int main() { amont::Run(); }
