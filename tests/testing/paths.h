// Where a test finds the project's own files and the program, wherever it is started from.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace amont::testing {

// A path below the project's root; "" is the root itself.
std::filesystem::path SourcePath(std::string_view relative = "");

// The built program `amont` of the same build tree.
std::string AmontProgram();

// The whole content of a file. A file that cannot be read stops the test program with a message.
std::string ReadFile(const std::filesystem::path& file);

}  // namespace amont::testing
