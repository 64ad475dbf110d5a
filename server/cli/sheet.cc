#include "server/cli/sheet.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/unicode.h"

namespace amont {

Tint TintOf(Status status) {
  switch (status) {
    case Status::kFail:
      return Tint::kRed;
    case Status::kError:
    case Status::kWarn:
    case Status::kNoData:
      return Tint::kYellow;
    case Status::kPass:
      return Tint::kGreen;
    case Status::kLearning:
      return Tint::kDim;
  }
  return Tint::kNone;
}

std::string Sheet::Tinted(Tint tint, std::string_view text) const {
  if (!style_.colour || tint == Tint::kNone) return std::string(text);
  const char* code = "0";
  switch (tint) {
    case Tint::kRed:
      code = "31;1";
      break;
    case Tint::kYellow:
      code = "33";
      break;
    case Tint::kGreen:
      code = "32";
      break;
    case Tint::kDim:
      code = "2";
      break;
    case Tint::kBold:
      code = "1";
      break;
    case Tint::kNone:
      break;
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

void Sheet::Line(std::string_view text) {
  text_ += text;
  text_ += '\n';
}

void Sheet::Filled(size_t indent, std::string_view text, std::string_view label) {
  const size_t room = style_.width > indent + 20 ? style_.width - indent : 20;
  std::string before = std::string(label) + std::string(indent - std::min(indent, label.size()), ' ');
  std::string line;
  const auto flush = [&] {
    Line(before + Tinted(Tint::kDim, line));
    before.assign(indent, ' ');
    line.clear();
  };
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!line.empty() &&
        static_cast<size_t>(DisplayWidth(line)) + 1 + static_cast<size_t>(DisplayWidth(word)) > room) {
      flush();
    }
    if (!line.empty()) line += ' ';
    line += word;
    at = end + 1;
  }
  if (!line.empty()) flush();
}

}  // namespace amont
