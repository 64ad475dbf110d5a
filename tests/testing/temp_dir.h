// A directory of its own for one test, removed with everything in it when the object goes.
// Lies below TMPDIR or /tmp, or below the folder given. Not copyable. On failure to create it the test
// program stops with a message.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace amont::testing {

class TempDir {
 public:
  TempDir();
  explicit TempDir(const std::filesystem::path& parent);
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // The path of a file or folder below the directory, whether it exists or not.
  std::string Path(std::string_view relative) const { return (path_ / relative).string(); }
  // Writes a file below the directory, with its folders, and returns its path.
  std::string Write(std::string_view relative, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace amont::testing
