// gzip as everybody else does it, for tests of what we send and take.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace amont::testing {

std::string Gzip(std::string_view text);
// nullopt where it is not one whole gzip member.
std::optional<std::string> Gunzip(std::string_view bytes);

}  // namespace amont::testing
