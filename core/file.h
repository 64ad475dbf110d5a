// Reading files and finding them by pattern: the only disk access of core/.
//
// Paths are UTF-8 or whatever bytes the system gives, never changed. Any thread. On failure one Error that
// names the path and what the system said.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace amont {

// The whole content. kNotFound, kPermission; kLimit where the file holds more than `bytes_max`. Pipes are
// read to their end.
Result<std::string> ReadFile(const std::string& path, size_t bytes_max);

// The files (not folders) that match `pattern`, sorted by bytes, each once. `*`, `?` and `[...]` match within
// one name, as the shell does: not a leading dot. `**` as a whole name matches any number of folders, also
// none, without following links to folders. A relative pattern is taken from `base` ("": the working
// directory), and the paths found start with `base`. No match is an empty list; a folder that may not be read
// is an error, never skipped. A link to nothing is found as a file: reading it tells.
Result<std::vector<std::string>> Glob(std::string_view pattern, const std::string& base);

}  // namespace amont
