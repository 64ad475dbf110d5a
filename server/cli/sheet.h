// Sheet: text for a terminal, built line by line: tinted where colour is wanted, filled to its width. A
// value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "checks/check.h"

namespace amont {

struct TextStyle {
  bool colour = false;
  bool verbose = false;  // a line for every passing check too
  size_t width = 100;
  bool unicode = true;  // graphs may use more than ASCII
};

enum class Tint { kNone, kRed, kYellow, kGreen, kDim, kBold };
Tint TintOf(Status status);

class Sheet {
 public:
  explicit Sheet(const TextStyle& style) : style_(style) {}

  std::string Tinted(Tint tint, std::string_view text) const;
  void Line(std::string_view text = "");
  // Words of `text` filled into lines of the sheet's width, each after `indent` spaces; `label` stands before
  // the first.
  void Filled(size_t indent, std::string_view text, std::string_view label = "");
  const TextStyle& style() const { return style_; }
  std::string Take() { return std::move(text_); }

 private:
  const TextStyle style_;
  std::string text_;
};

}  // namespace amont
