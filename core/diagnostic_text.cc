// The terminal form of diagnostics: the line itself, and a caret where the reader's eye should be.
#include <algorithm>
#include <string>
#include <string_view>

#include "core/diagnostic.h"
#include "core/unicode.h"

namespace amont {
namespace {

constexpr int kTabWidth = 4;
constexpr size_t kExcerptWidth =
    120;                             // columns of a line that are shown; a longer one is cut around the caret
constexpr size_t kExcerptLead = 40;  // of these, before the caret where the line is cut

struct Colours {
  std::string_view place, error, warning, note, reset;
};
constexpr Colours kPlain{};
constexpr Colours kAnsi{"\x1b[1m", "\x1b[1;31m", "\x1b[1;35m", "\x1b[1;36m", "\x1b[0m"};

// Finds lines of one file; quick when asked in rising order, as after Sort().
class LineFinder {
 public:
  std::string_view Line(const SourceText& file, int line) {
    if (&file != file_ || line < line_) {
      file_ = &file;
      line_ = 1;
      start_ = 0;
    }
    const std::string_view text = file.text;
    while (line_ < line) {
      const size_t end = text.find('\n', start_);
      if (end == std::string_view::npos) return {};
      start_ = end + 1;
      ++line_;
    }
    std::string_view found = text.substr(start_, text.find('\n', start_) - start_);
    if (!found.empty() && found.back() == '\r') found.remove_suffix(1);
    return found;
  }

 private:
  const SourceText* file_ = nullptr;
  int line_ = 1;
  size_t start_ = 0;
};

// A line as shown: cells of text with the columns they take, and the marked part in columns.
struct Excerpt {
  std::string text;
  size_t caret = 0;   // columns before it
  size_t marked = 1;  // columns underlined
};

// One character of the line as shown; `width` in columns.
struct Cell {
  std::string text;
  size_t width = 1;
  size_t byte = 0;
};

Cell MakeCell(std::string_view line, size_t at, size_t column, size_t* bytes) {
  const CodePoint c = DecodeUtf8(line, at);
  *bytes = c.bytes;
  if (c.valid && c.value == '\t') {
    const size_t width = kTabWidth - column % kTabWidth;
    return {std::string(width, ' '), width, at};
  }
  const std::string_view raw = line.substr(at, c.bytes);
  return {Printable(raw), static_cast<size_t>(DisplayWidth(raw)), at};
}

// Only the neighbourhood of [begin, end) is looked at, so a line of megabytes costs no more than a short one.
Excerpt MakeExcerpt(std::string_view line, size_t begin, size_t end) {
  // Every shown column is at least one byte, but a combining mark takes bytes without a column.
  constexpr size_t kReach = 4 * kExcerptWidth;
  size_t first = begin > kReach ? begin - kReach : 0;
  while (first > 0 && first < begin && (static_cast<unsigned char>(line[first]) & 0xc0) == 0x80) ++first;
  const size_t last = std::min(line.size(), begin + kReach);

  std::vector<Cell> cells;
  size_t columns = 0, caret_cell = 0, caret_column = 0;
  bool found = false;
  for (size_t at = first, bytes = 1; at < last; at += bytes) {
    cells.push_back(MakeCell(line.substr(0, last), at, columns, &bytes));
    if (!found && at + bytes > begin) {
      found = true;
      caret_cell = cells.size() - 1;
      caret_column = columns;
    }
    columns += cells.back().width;
  }
  if (!found) {
    caret_cell = cells.size();
    caret_column = columns;
  }

  // Drop cells from the left until the caret has at most its lead, but only where the line is too long at
  // all.
  size_t from = 0, dropped = 0;
  const bool too_long = first > 0 || last < line.size() || columns > kExcerptWidth;
  while (too_long && from < caret_cell && caret_column - dropped > kExcerptLead)
    dropped += cells[from++].width;

  Excerpt excerpt;
  size_t shown = 0;
  if (from > 0 || first > 0) {
    excerpt.text = "…";
    shown = 1;
  }
  excerpt.caret = shown + caret_column - dropped;
  size_t cell = from, marked = 0;
  for (; cell < cells.size() && shown + cells[cell].width <= kExcerptWidth; ++cell) {
    excerpt.text += cells[cell].text;
    shown += cells[cell].width;
    if (cell >= caret_cell && cells[cell].byte < end) marked += cells[cell].width;
  }
  if (cell < cells.size() || last < line.size()) excerpt.text += "…";
  excerpt.marked = std::max<size_t>(marked, 1);
  return excerpt;
}

class Renderer {
 public:
  explicit Renderer(bool colour) : colours_(colour ? kAnsi : kPlain) {}

  void Add(const Diagnostic& diagnostic) {
    const bool error = diagnostic.severity == Diagnostic::Severity::kError;
    Part(diagnostic.span, error ? "error" : "warning", error ? colours_.error : colours_.warning,
         diagnostic.message);
    if (!diagnostic.hint.empty()) out_ += "      = " + Printable(diagnostic.hint) + "\n";
    for (const Diagnostic::Note& note : diagnostic.notes)
      Part(note.span, "note", colours_.note, note.message);
  }

  std::string Take() { return std::move(out_); }

 private:
  void Paint(std::string_view colour, std::string_view text) {
    out_.append(colour).append(text);
    out_ += colour.empty() ? std::string_view() : colours_.reset;
  }

  void Part(const Span& span, std::string_view word, std::string_view colour, std::string_view message) {
    if (span.file) {
      Paint(colours_.place, Printable(span.ToString()) + ":");
      out_ += " ";
    }
    Paint(colour, std::string(word) + ":");
    out_ += " " + Printable(message) + "\n";
    if (span.file && span.line > 0) Source(span, colour);
  }

  void Source(const Span& span, std::string_view colour) {
    const std::string_view line = lines_.Line(*span.file, span.line);
    const size_t begin = std::min(line.size(), static_cast<size_t>(std::max(span.column, 1) - 1));
    const size_t end = std::min(line.size(), begin + static_cast<size_t>(std::max(span.length, 1)));
    const Excerpt excerpt = MakeExcerpt(line, begin, end);
    const std::string number = std::to_string(span.line);
    const size_t gutter = std::max<size_t>(5, number.size());
    out_ += std::string(gutter - number.size(), ' ') + number + " |";
    if (!excerpt.text.empty()) out_ += " " + excerpt.text;
    out_ += "\n" + std::string(gutter + 1, ' ') + "| " + std::string(excerpt.caret, ' ');
    Paint(colour, "^" + std::string(excerpt.marked - 1, '~'));
    out_ += "\n";
  }

  Colours colours_;
  LineFinder lines_;
  std::string out_;
};

}  // namespace

std::string RenderText(const Diagnostics& diagnostics, bool colour) {
  Renderer renderer(colour);
  for (const Diagnostic& diagnostic : diagnostics.list()) renderer.Add(diagnostic);
  return renderer.Take();
}

}  // namespace amont
