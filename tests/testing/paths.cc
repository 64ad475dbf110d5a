#include "tests/testing/paths.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace amont::testing {

std::filesystem::path SourcePath(std::string_view relative) {
  const std::filesystem::path root = AMONT_SOURCE_DIR;
  return relative.empty() ? root : root / relative;
}

std::string AmontProgram() { return AMONT_PROGRAM; }

std::string ReadFile(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    std::fprintf(stderr, "cannot read %s\n", file.c_str());
    std::abort();
  }
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace amont::testing
