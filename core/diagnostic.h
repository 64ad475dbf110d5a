// Diagnostics: what is wrong with text a user wrote, many at once, each with its place.
//
// Printed as compilers do: file:line:column: error: message, then the line itself and a caret. Values; not
// thread-safe. Lines and columns count from 1; columns are bytes in the file, carets are placed by display
// width.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amont {

// A file's text, shared by every span in it.
struct SourceText {
  std::string path;  // as the user named it: what is printed
  std::string text;
};

// A place in a file. `length` is in bytes, at least 1 where the place is known. line 0: the whole file.
struct Span {
  std::shared_ptr<const SourceText> file;
  int line = 0;
  int column = 0;
  int length = 1;

  std::string ToString() const;  // "checks/orders.toml:12:3", or "checks/orders.toml"
};

struct Diagnostic {
  enum class Severity { kError, kWarning };
  struct Note {
    Span span;
    std::string message;  // "first declared here"
  };
  Severity severity = Severity::kError;
  Span span;
  std::string message;  // "unknown key `colum`"
  std::string hint;     // "did you mean `column`?"; empty: none
  std::vector<Note> notes;
};

class Diagnostics {
 public:
  Diagnostic& Error(Span span, std::string message, std::string hint = {});
  Diagnostic& Warning(Span span, std::string message, std::string hint = {});
  void Append(Diagnostics other);

  bool HasErrors() const;
  bool empty() const { return list_.empty(); }
  const std::vector<Diagnostic>& list() const { return list_; }
  // By file, line, column; stable. Called once before printing.
  void Sort();

 private:
  std::vector<Diagnostic> list_;
};

// The terminal form; colour only when asked.
std::string RenderText(const Diagnostics& diagnostics, bool colour);
// An array of {severity, file, line, column, length, message, hint, notes}.
std::string RenderJson(const Diagnostics& diagnostics);

// "did you mean `column`?" for the nearest of `known` to `word`, or empty where none is near enough.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& known);

}  // namespace amont
