#include "core/sql/duckdb_error.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

namespace amont {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordPart(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The length of a number standing alone at `at`, or 0: "-12.5" but not the 32 of INT32.
size_t NumberAt(std::string_view text, size_t at) {
  if (at > 0 && IsWordPart(text[at - 1])) return 0;
  size_t end = at;
  if (text[end] == '-' && end + 1 < text.size()) ++end;
  if (!IsDigit(text[end])) return 0;
  const auto digit_at = [&](size_t i) { return i < text.size() && IsDigit(text[i]); };
  while (digit_at(end) || (end < text.size() && text[end] == '.' && digit_at(end + 1))) ++end;
  if (end < text.size() && IsWordPart(text[end])) return 0;
  return end - at;
}

// "Could not convert string 'x' to INT32" → "Could not convert string … to INT32". A value may itself hold
// quotes, so all between the first and the last quote goes; a single quote hides the rest.
std::string WithoutQuoted(std::string_view text) {
  const size_t open = text.find_first_of("'\"");
  if (open == std::string_view::npos) return std::string(text);
  const size_t close = text.find_last_of("'\"");
  std::string kept = std::string(text.substr(0, open)) + "…";
  if (close > open) kept += text.substr(close + 1);
  return kept;
}

std::string WithoutNumbers(std::string_view text) {
  std::string kept;
  for (size_t i = 0; i < text.size();) {
    const size_t number = NumberAt(text, i);
    if (number > 0) {
      kept += "…";
    } else {
      kept.push_back(text[i]);
    }
    i += std::max<size_t>(number, 1);
  }
  return kept;
}

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

struct Parts {
  std::string_view kind;  // "Binder"
  std::string_view text;  // what follows "Error: ", whole
};

Parts Split(std::string_view message) {
  const size_t end = message.find(" Error: ");
  if (end == std::string_view::npos || Contains(message.substr(0, end), ":")) return {"", message};
  return {message.substr(0, end), message.substr(end + 8)};
}

// What stands behind `before`, up to the next `until` or the end; empty where `before` is not there.
std::string_view Between(std::string_view text, std::string_view before, std::string_view until) {
  const size_t at = text.rfind(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + before.size());
  return rest.substr(0, rest.find(until));
}

// "CSV Error on Line: 7", that line of the user's, what is wrong with it, much advice, and at last the file.
Error CsvError(std::string_view text) {
  constexpr std::string_view kConverting = "\nError when converting column \"";
  static constexpr std::pair<std::string_view, std::string_view> kReasons[] = {
      {"\nValue with unterminated quote", ": a quote is never closed"},
      {"\nExpected Number of Columns", ": it has another number of columns"},
      {"\nInvalid unicode", ": it is not UTF-8"},
      {"\nMaximum line size", ": it is too long"},
  };
  const std::string where = "CSV error on line " + std::string(Between(text, "CSV Error on Line: ", "\n")) +
                            " of " + std::string(Between(text, "\n  file = ", "\n"));
  if (Contains(text, kConverting)) {
    const std::string column(Between(text, kConverting, "\". "));
    return MakeError(ErrorCode::kData, where + ": column `" + column + "` does not convert to its type");
  }
  for (const auto& [sign, reason] : kReasons) {
    if (Contains(text, sign)) return MakeError(ErrorCode::kInvalid, where + std::string(reason));
  }
  return MakeError(ErrorCode::kInvalid, where);
}

// Errors of a file rather than of the statement; their first line holds its name and no values.
std::optional<Error> FileError(const Parts& parts) {
  const std::string line(FirstLine(parts.text));
  if (parts.text.starts_with("CSV Error on Line: ")) return CsvError(parts.text);
  if (parts.text.starts_with("Malformed JSON in file")) {
    return MakeError(ErrorCode::kInvalid, line.substr(0, line.rfind(": ")));
  }
  if (parts.text.starts_with("JSON transform error in file")) {
    return MakeError(ErrorCode::kData,
                     line.substr(0, line.find(": ")) + ": a value does not convert to its column's type");
  }
  for (const std::string_view broken : {"No magic bytes found at end of file", "Footer length error in file",
                                        "Malformed Parquet schema in file", "Parquet file '",
                                        "TProtocolException", "Input is not a GZIP stream"}) {
    if (line.starts_with(broken))
      return MakeError(ErrorCode::kInvalid, "a file is cut short or damaged: " + line);
  }
  if (line.starts_with("File '") && line.ends_with("too small to be a Parquet file")) {
    return MakeError(ErrorCode::kInvalid, "a file is cut short or damaged: " + line);
  }
  return std::nullopt;
}

ErrorCode CodeOf(const Parts& parts) {
  const std::string_view kind = parts.kind;
  if (kind == "Parser" || kind == "Syntax") return ErrorCode::kInvalid;
  if (kind == "Catalog") {
    // "Table with name x does not exist!"; functions and types that are missing are the expression's fault.
    const bool relation = parts.text.starts_with("Table ") || parts.text.starts_with("Schema ") ||
                          parts.text.starts_with("View ") || parts.text.starts_with("Catalog ");
    return relation ? ErrorCode::kNotFound : ErrorCode::kData;
  }
  if (kind == "IO" || kind == "HTTP") {
    if (Contains(parts.text, "No files found") || Contains(parts.text, "No such file"))
      return ErrorCode::kNotFound;
    return ErrorCode::kInternal;
  }
  if (kind == "Permission") return ErrorCode::kPermission;
  if (kind == "Out of Memory") return ErrorCode::kLimit;
  if (kind == "Not implemented") return ErrorCode::kUnsupported;
  if (Contains(parts.text, "read-only mode")) return ErrorCode::kPermission;
  for (const std::string_view data :
       {"Binder", "Conversion", "Out of Range", "Invalid Input", "Invalid type", "Mismatch Type",
        "Divide by Zero", "Decimal", "Expression", "Constraint", "Parameter Not Resolved",
        "Parameter Not Allowed", "Object Size"}) {
    if (kind == data) return ErrorCode::kData;
  }
  return ErrorCode::kInternal;
}

// "Invalid Input" is what functions say of their arguments, often with the argument at its end and without
// quotes
// (`missing ): VALUE` of a regular expression), and all that error(VALUE) says. Only what is known to be
// DuckDB's own stays.
std::string WithoutArgument(std::string_view line) {
  for (const std::string_view quoting :
       {"Could not parse string", "Malformed JSON at byte", "Cannot execute statement of type"}) {
    if (line.starts_with(quoting)) return WithoutNumbers(WithoutQuoted(line));
  }
  static constexpr std::string_view kOfRegularExpressions[] = {"missing ]",
                                                               "missing )",
                                                               "unexpected )",
                                                               "no argument for repetition operator",
                                                               "bad repetition operator",
                                                               "invalid character class",
                                                               "invalid character class range",
                                                               "invalid escape sequence",
                                                               "invalid named capture group",
                                                               "invalid perl operator",
                                                               "invalid repetition size",
                                                               "invalid UTF-8",
                                                               "trailing \\"};
  const std::string_view phrase = line.substr(0, line.find(": "));
  for (const std::string_view known : kOfRegularExpressions) {
    if (phrase == known) return std::string(phrase) + ": …";
  }
  return "a function refused a value";
}

bool MayQuoteData(std::string_view kind) {
  return kind != "Parser" && kind != "Syntax" && kind != "Catalog" && kind != "Binder" && kind != "IO" &&
         kind != "Permission" && kind != "TransactionContext" && kind != "Out of Memory";
}

}  // namespace

Error DuckdbStatementError(std::string_view message) {
  const Parts parts = Split(message);
  const std::string_view line = FirstLine(parts.text);
  if (std::optional<Error> error = FileError(parts)) return *std::move(error);
  const std::string prose = parts.kind == "Invalid Input" ? WithoutArgument(line)
                            : MayQuoteData(parts.kind)    ? WithoutNumbers(WithoutQuoted(line))
                                                          : std::string(line);
  const std::string kind = parts.kind.empty() ? "DuckDB" : std::string(parts.kind);
  return MakeError(CodeOf(parts), kind + " error: " + (prose.empty() ? "no reason given" : prose));
}

Error DuckdbOpenError(std::string_view file, std::string_view message) {
  const std::string name(file);
  const std::string_view line = FirstLine(Split(message).text);
  if (Contains(line, "Could not set lock on file")) {
    const size_t start = line.find("(PID ");
    std::string holder = "another process";
    if (start != std::string_view::npos) {
      const std::string_view digits = line.substr(start + 5);
      holder = "pid " + std::string(digits.substr(0, digits.find(')')));
    }
    return MakeError(ErrorCode::kBusy, name + " is in use by " + holder);
  }
  if (Contains(line, "does not exist") || Contains(line, "No such file")) {
    return MakeError(ErrorCode::kUnreachable, "there is no file " + name);
  }
  if (Contains(line, "Permission denied"))
    return MakeError(ErrorCode::kPermission, name + " may not be read");
  if (Contains(line, "not a valid DuckDB database file")) {
    return MakeError(ErrorCode::kInvalid, name + " is not a DuckDB database");
  }
  return MakeError(ErrorCode::kUnreachable, name + " cannot be opened: " + std::string(line));
}

}  // namespace amont
