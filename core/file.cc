#include "core/file.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace amont {
namespace {

Error SystemError(const std::string& path, int number) {
  std::error_code no_link;
  const std::string target = std::filesystem::read_symlink(path, no_link).string();
  if (number == ENOENT && !no_link) {
    return MakeError(ErrorCode::kNotFound,
                     "cannot read " + path + ": it is a link to " + target + ", which is not there");
  }
  ErrorCode code = ErrorCode::kInternal;
  if (number == ENOENT || number == ENOTDIR) code = ErrorCode::kNotFound;
  if (number == EACCES || number == EPERM) code = ErrorCode::kPermission;
  if (number == EISDIR || number == ENAMETOOLONG || number == ELOOP) code = ErrorCode::kInvalid;
  return MakeError(code, "cannot read " + path + ": " + std::generic_category().message(number));
}

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace

Result<std::string> ReadFile(const std::string& path, size_t bytes_max) {
  const Descriptor file(path);
  if (file.number() < 0) return SystemError(path, errno);
  std::string content;
  struct stat status {};
  if (fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode)) {
    content.reserve(std::min(static_cast<size_t>(status.st_size), bytes_max) + 1);
  }
  char block[64 << 10];
  while (true) {
    const ssize_t count = read(file.number(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, errno);
    if (count == 0) return content;
    content.append(block, static_cast<size_t>(count));
    if (content.size() > bytes_max) {
      return MakeError(ErrorCode::kLimit,
                       "cannot read " + path + ": it is larger than " + std::to_string(bytes_max) + " bytes");
    }
  }
}

namespace {

namespace fs = std::filesystem;

struct Entry {
  std::string name;
  bool folder = false;        // a folder, or a link to one
  bool plain_folder = false;  // a folder that is no link
  bool file = false;          // or a link to nothing
};

bool HasWildcard(const std::string& name) { return name.find_first_of("*?[\\") != std::string::npos; }

std::string Join(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.back() == '/' ? folder + name : folder + "/" + name;
}

// The entries of a folder; none where it does not exist.
Result<std::vector<Entry>> List(const std::string& folder) {
  std::vector<Entry> entries;
  std::error_code error;
  const std::string path = folder.empty() ? "." : folder;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;  // an entry that vanished is neither file nor folder
    const bool link = it->is_symlink(ignored);
    const bool is_folder = it->is_directory(ignored);
    const bool is_file = it->is_regular_file(ignored) || (link && !it->exists(ignored));
    entries.push_back({it->path().filename().string(), is_folder, is_folder && !link, is_file});
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory) {
    return SystemError(path, error.value());
  }
  return entries;
}

// Finds what matches the names from `parts[at]` on below `folder`.
Result<void> Find(const std::string& folder, const std::vector<std::string>& parts, size_t at,
                  std::vector<std::string>& found) {
  const std::string& part = parts[at];
  const bool last = at + 1 == parts.size();
  if (!HasWildcard(part)) {
    const std::string path = Join(folder, part);
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::none) return SystemError(path, error.value());
    if (!last) return fs::is_directory(status) ? Find(path, parts, at + 1, found) : Result<void>();
    const bool is_link = fs::is_symlink(fs::symlink_status(path, error));
    if ((fs::exists(status) || is_link) && !fs::is_directory(status)) found.push_back(path);
    return {};
  }
  const bool any_depth = part == "**";
  if (any_depth && !last) AMONT_TRY_VOID(Find(folder, parts, at + 1, found));
  AMONT_TRY(const std::vector<Entry> entries, List(folder));
  for (const Entry& entry : entries) {
    const std::string path = Join(folder, entry.name);
    const std::string pattern = any_depth ? "*" : part;
    if (fnmatch(pattern.c_str(), entry.name.c_str(), FNM_PERIOD) != 0) continue;
    if (last && entry.file) found.push_back(path);
    if (any_depth && entry.plain_folder) AMONT_TRY_VOID(Find(path, parts, at, found));
    if (!any_depth && !last && entry.folder) AMONT_TRY_VOID(Find(path, parts, at + 1, found));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> Glob(std::string_view pattern, const std::string& base) {
  const bool absolute = !pattern.empty() && pattern.front() == '/';
  std::vector<std::string> parts;
  for (size_t at = 0; at <= pattern.size();) {
    const size_t slash = std::min(pattern.find('/', at), pattern.size());
    std::string part(pattern.substr(at, slash - at));
    at = slash + 1;
    if (part.empty() || part == ".") continue;
    if (part == "**" && !parts.empty() && parts.back() == "**") continue;
    parts.push_back(std::move(part));
  }
  std::vector<std::string> found;
  if (parts.empty()) return found;
  AMONT_TRY_VOID(Find(absolute ? "/" : base == "." ? "" : base, parts, 0, found));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace amont
