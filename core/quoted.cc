#include "core/quoted.h"

namespace amont {
namespace {

constexpr size_t kBytesMax = 60;  // a sentence with more than this of somebody's text is no longer read

}  // namespace

std::string Quoted(std::string_view text) {
  bool cut = text.size() > kBytesMax;
  if (cut) {
    size_t end = kBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string out = "`";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  if (cut) out += "…";
  out += '`';
  return out;
}

}  // namespace amont
