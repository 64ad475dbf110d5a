#include "core/sql/duckdb_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace amont {
namespace {

// Fills the table; gives the name of the first function the library lacks, or nullptr.
const char* Resolve(void* handle, DuckdbLibrary& library) {
#define AMONT_DUCKDB_RESOLVE(name)                                                         \
  library.name = reinterpret_cast<decltype(library.name)>(dlsym(handle, "duckdb_" #name)); \
  if (library.name == nullptr) return "duckdb_" #name;
  AMONT_DUCKDB_FUNCTIONS(AMONT_DUCKDB_RESOLVE)
#undef AMONT_DUCKDB_RESOLVE
  return nullptr;
}

std::string LoadFailure() {
  const char* why = dlerror();
  return why != nullptr ? why : "cannot be opened";
}

}  // namespace

std::vector<std::string> DuckdbLibraryPlaces() {
  if (const char* named = std::getenv("AMONT_DUCKDB_LIBRARY"); named != nullptr && *named != '\0')
    return {named};
  std::vector<std::string> places;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    const std::filesystem::path folder = program.parent_path();
    places.push_back((folder / "libduckdb.so").string());
    places.push_back((folder.parent_path() / "lib/amont/libduckdb.so").string());
  }
#ifdef AMONT_DUCKDB_LIBRARY
  places.emplace_back(AMONT_DUCKDB_LIBRARY);
#endif
  places.emplace_back("libduckdb.so");
  return places;
}

Result<DuckdbLibrary> LoadDuckdbLibrary(const std::vector<std::string>& places) {
  std::string tried;
  for (const std::string& place : places) {
    if (!tried.empty()) tried += "; ";
    tried += place;
    std::error_code error;
    if (place.find('/') != std::string::npos && !std::filesystem::exists(place, error)) continue;
    void* handle = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      tried += " (" + LoadFailure() + ")";
      continue;
    }
    DuckdbLibrary library;
    const char* missing = Resolve(handle, library);
    if (missing == nullptr) return library;
    tried += " (has no " + std::string(missing) + ": too old?)";
    dlclose(handle);
  }
  return MakeError(ErrorCode::kUnsupported, "DuckDB's library is not installed; looked at " + tried +
                                                ". Set AMONT_DUCKDB_LIBRARY to the path of libduckdb.so.");
}

Result<const DuckdbLibrary*> SharedDuckdbLibrary() {
  static const Result<DuckdbLibrary> library = LoadDuckdbLibrary(DuckdbLibraryPlaces());
  if (!library) return library.error();
  return &*library;
}

}  // namespace amont
