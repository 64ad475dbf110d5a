// Terminal: what standard output and error are, and a progress line that leaves no trace.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace amont {

enum class ColourChoice { kAuto, kAlways, kNever };

// kAuto: only on a terminal, and not with NO_COLOR set or TERM=dumb.
bool UseColour(ColourChoice choice, int fd);
bool IsTerminal(int fd);
// Whether the locale's texts are UTF-8, as LC_ALL, LC_CTYPE and LANG say.
bool IsUtf8Locale();
// Columns of the terminal behind fd, or 100.
size_t TerminalWidth(int fd);

// One line on standard error, rewritten in place; nothing at all where that is no terminal. One thread at a
// time.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  void Show(std::string_view text);
  void Clear();

 private:
  const bool on_;
  bool shown_ = false;
};

// The whole text to standard output; false where it could not be written (a closed pipe).
bool Print(std::string_view text);
void PrintError(std::string_view text);

}  // namespace amont
