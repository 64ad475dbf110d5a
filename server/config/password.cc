#include "server/config/password.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "core/file.h"

namespace amont {

namespace {

constexpr size_t kPasswordBytesMax = 64u << 10;

}  // namespace

std::string ReadPasswordFile(TomlReader& reader, const std::string& directory, std::string_view refused,
                             Secrets secrets, Diagnostics& diagnostics) {
  const std::optional<std::string> path = reader.String("password_file");
  if (!path) return {};
  if (!refused.empty()) {
    diagnostics.Error(reader.KeyPlace("password_file"), std::string(refused));
    return {};
  }
  const std::string file = (std::filesystem::path(directory) / *path).lexically_normal().string();
  Result<std::string> password = ReadFile(file, kPasswordBytesMax);
  if (!password) {
    const Span place = reader.Place("password_file");
    if (secrets == Secrets::kNeeded) {
      diagnostics.Error(place, password.error().message);
    } else {
      diagnostics.Warning(place, password.error().message, "it is needed to connect");
    }
    return {};
  }
  if (password->ends_with('\n')) password->pop_back();
  if (password->ends_with('\r')) password->pop_back();
  if (password->empty()) diagnostics.Error(reader.Place("password_file"), "the password file is empty");
  return std::move(*password);
}

}  // namespace amont
