// `amont lineage import`: dbt's files and OpenLineage events, into the store or a service.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/file.h"
#include "core/json_outline.h"
#include "core/unicode.h"
#include "lineage/openlineage/event.h"
#include "server/app/lineage_file.h"
#include "server/cli/lineage_importer.h"

namespace amont {

namespace {

constexpr size_t kFileBytesMax = 256u << 20;  // of one file, as a service takes of one project
constexpr size_t kLinesMax = 20;              // of warnings and of rejected events of one file

struct ImportFlags {
  PlaceFlags place;
  std::vector<std::string> files;
  std::string source;
};

struct LineageFile {
  std::string path;
  LineageFileKind kind = LineageFileKind::kEvents;
  std::string text;
};

// A project's files.
struct ProjectFiles {
  const LineageFile* manifest = nullptr;
  const LineageFile* catalog = nullptr;
  const LineageFile* run_results = nullptr;
};

std::string_view NameOf(LineageFileKind kind) {
  return kind == LineageFileKind::kCatalog ? "catalog" : "run_results";
}

std::optional<LineageFile> ReadLineageFile(const std::string& path, int& code) {
  LineageFile file;
  file.path = path == "-" ? "standard input" : path;
  auto text = ReadFile(path == "-" ? "/dev/stdin" : path, kFileBytesMax);
  if (!text) {
    code = Complain(text.error().message, exit_code::kUsage);
    return std::nullopt;
  }
  const auto kind = LineageFileKindOf(*text);
  if (!kind) {
    code = Complain(fmt::format("{}: {}", Printable(file.path), kind.error().message), exit_code::kUsage);
    return std::nullopt;
  }
  file.kind = *kind;
  file.text = std::move(*text);
  return file;
}

// A catalog and run results belong to the manifest in their folder, else to the only one.
std::optional<std::vector<ProjectFiles>> ProjectsOf(const std::vector<LineageFile>& files, int& code) {
  std::vector<ProjectFiles> projects;
  for (const LineageFile& file : files) {
    if (file.kind != LineageFileKind::kManifest) continue;
    projects.emplace_back();
    projects.back().manifest = &file;
  }
  const auto folder = [](const LineageFile& file) { return std::filesystem::path(file.path).parent_path(); };
  for (const LineageFile& file : files) {
    if (file.kind != LineageFileKind::kCatalog && file.kind != LineageFileKind::kRunResults) continue;
    std::vector<ProjectFiles*> owners;
    for (ProjectFiles& project : projects) {
      if (projects.size() == 1 || folder(*project.manifest) == folder(file)) owners.push_back(&project);
    }
    if (owners.size() != 1) {
      const std::string_view why = projects.empty()
                                       ? "name the manifest.json of its project too"
                                       : "it stands in the folder of none of the manifests, or of several";
      code = Complain(fmt::format("{} is a dbt {}: {}", Printable(file.path), NameOf(file.kind), why),
                      exit_code::kUsage);
      return std::nullopt;
    }
    const LineageFile*& place =
        file.kind == LineageFileKind::kCatalog ? owners.front()->catalog : owners.front()->run_results;
    if (place != nullptr) {
      code = Complain(fmt::format("{} and {} are both the {} of one project", Printable(place->path),
                                  Printable(file.path), NameOf(file.kind)),
                      exit_code::kUsage);
      return std::nullopt;
    }
    place = &file;
  }
  return projects;
}

std::string Counted(size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

int ImportProject(LineageImporter& importer, const ProjectFiles& files, const std::string& source) {
  ManifestImport import;
  import.manifest = files.manifest->text;
  if (files.catalog != nullptr) import.catalog = files.catalog->text;
  if (files.run_results != nullptr) import.run_results = files.run_results->text;
  import.source = source;
  const auto imported = importer.Import(import);
  const std::string name = Printable(files.manifest->path);
  if (!imported) {
    return Complain(fmt::format("{}: {}", name, imported.error().message), ExitCodeOf(imported.error()));
  }
  Print(fmt::format("{}: dbt project {}: {}, {}{}{}\n", name, Printable(imported->project),
                    Counted(imported->nodes, "node"), Counted(imported->edges, "edge"),
                    files.catalog != nullptr ? ", with its catalog" : "",
                    files.run_results != nullptr ? ", with its run results" : ""));
  for (size_t i = 0; i < imported->warnings.size() && i < kLinesMax; ++i) {
    PrintError(fmt::format("amont: {}: warning: {}\n", name, Printable(imported->warnings[i])));
  }
  if (imported->warnings.size() > kLinesMax) {
    PrintError(
        fmt::format("amont: {}: {} more\n", name, Counted(imported->warnings.size() - kLinesMax, "warning")));
  }
  return exit_code::kGood;
}

// What is answered of an event is what its run knows by then, so of each run the last answer counts.
size_t EdgesOf(const std::vector<std::string_view>& events, const std::vector<Result<size_t>>& answers) {
  std::map<std::string, size_t> of_runs;
  size_t edges = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    const auto event = ReadOpenLineageEvent(events[i], {});
    if (event && !event->run_id.empty()) {
      of_runs[event->run_id] = *answers[i];
    } else {
      edges += *answers[i];
    }
  }
  for (const auto& [run, count] : of_runs) edges += count;
  return edges;
}

int ImportEvents(LineageImporter& importer, const LineageFile& file) {
  std::vector<std::string_view> events;
  const auto add = [&](std::string_view event) { events.push_back(event); };
  const std::string name = Printable(file.path);
  if (const auto walked = ForEachElementOrValue(file.text, add); !walked) {
    return Complain(fmt::format("{}: {}", name, walked.error().message), exit_code::kUsage);
  }
  const std::vector<Result<size_t>> answers = importer.Ingest(events);
  size_t taken = 0;
  size_t rejected = 0;
  std::optional<Error> failed;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) {
      ++taken;
      continue;
    }
    const Error& error = answers[i].error();
    if (error.code != ErrorCode::kInvalid && error.code != ErrorCode::kPermission) {
      failed = error;
      continue;
    }
    if (++rejected > kLinesMax) continue;
    PrintError(fmt::format("amont: {}: event {} is rejected: {}\n", name, i + 1, Printable(error.message)));
  }
  if (rejected > kLinesMax) {
    PrintError(fmt::format("amont: {}: {} more rejected\n", name, Counted(rejected - kLinesMax, "event")));
  }
  Print(fmt::format("{}: {} taken, {}{}\n", name, Counted(taken, "event"),
                    Counted(EdgesOf(events, answers), "edge"),
                    rejected > 0 ? fmt::format(", {} rejected", rejected) : std::string()));
  if (failed) {
    return Complain(fmt::format("{}: {} of {} events were not written: {}", name,
                                events.size() - taken - rejected, events.size(), failed->message),
                    ExitCodeOf(*failed));
  }
  return rejected > 0 ? exit_code::kUnknown : exit_code::kGood;
}

int ImportFiles(const CommandContext& context, const ImportFlags& flags) {
  int code = exit_code::kGood;
  std::vector<LineageFile> files;
  for (const std::string& path : flags.files) {
    auto file = ReadLineageFile(path, code);
    if (!file) return code;
    files.push_back(std::move(*file));
  }
  // Nothing is written before all that was named is understood.
  const auto projects = ProjectsOf(files, code);
  if (!projects) return code;
  const auto importer = OpenImporter(context, flags.place, flags.source, code);
  if (importer == nullptr) return code;
  for (const ProjectFiles& project : *projects) {
    const int imported = ImportProject(*importer, project, flags.source);
    if (imported != exit_code::kGood) code = imported;
  }
  for (const LineageFile& file : files) {
    if (file.kind != LineageFileKind::kEvents) continue;
    const int imported = ImportEvents(*importer, file);
    if (imported != exit_code::kGood) code = imported;
  }
  return code;
}

}  // namespace

void AddLineageImportCommand(CLI::App& lineage, CommandContext& context) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* import = lineage.add_subcommand("import", "remember what dbt's files and OpenLineage events say");
  import
      ->add_option("FILE", flags->files,
                   "dbt's manifest.json, catalog.json and run_results.json, or OpenLineage events: one, an "
                   "array, or one a line; - is standard input")
      ->required();
  AddServerFlag(*import, flags->place.server);
  import->add_option("--store", flags->place.store, "write this store instead: sqlite:FILE or postgresql://…")
      ->option_text("URL");
  import
      ->add_option("--source", flags->source,
                   "whose tables a dbt project makes; without it, as the databases of the sources say")
      ->option_text("NAME");
  import->footer(
      "Exits 0: all of it was taken · 2: an event was rejected, or nothing could be written · 3: configuration "
      "· 64: usage, or a file that is none of these\n\n"
      "Examples:\n  amont lineage import target/manifest.json target/catalog.json\n"
      "  amont lineage import events.ndjson --server localhost:7433");
  import->callback(
      [&context, flags] { context.action = [&context, flags] { return ImportFiles(context, *flags);
};
}  // namespace amont
);
}

}  // namespace amont
