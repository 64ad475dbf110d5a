#include "lineage/sql/parser.h"

#include <fmt/format.h>
#include <pg_query.h>
#include <pthread.h>

#include <algorithm>
#include <cstdint>

#include "core/unicode.h"

namespace amont {
namespace {

// Measured: one operator or join more costs the library at most 140 bytes of stack, and the grammar itself
// ends nesting by parentheses at a depth that costs less than a megabyte and a half.
constexpr size_t kStackPerLink = 256;
constexpr size_t kStackOfGrammar = 1U << 20U;
// Our own walk of the tree, per level of JSON: two levels an operator. Unoptimised builds need the most.
constexpr size_t kStackPerLevel = 1536;
constexpr size_t kDepthMax = 16'000;

// The library counts characters from 1.
size_t ByteOfCharacter(std::string_view text, int character) {
  size_t at = 0;
  for (int i = 1; i < character && at < text.size(); ++i) at += DecodeUtf8(text, at).bytes;
  return at;
}

ParsedSql Refuse(std::string reason, size_t offset = 0) { return {std::nullopt, std::move(reason), offset}; }

std::optional<ParsedSql> RefuseUnparsed(std::string_view sql, size_t links) {
  if (sql.size() > kSqlStatementBytesMax) {
    return Refuse(fmt::format("{} bytes long; at most {} are read", sql.size(), kSqlStatementBytesMax));
  }
  if (const size_t nul = sql.find('\0'); nul != std::string_view::npos) {
    return Refuse("a zero byte stands here", nul);
  }
  for (size_t at = 0; at < sql.size();) {
    const CodePoint point = DecodeUtf8(sql, at);
    if (!point.valid) return Refuse("not UTF-8 here", at);
    at += point.bytes;
  }
  const size_t left = StackBytesLeft();
  const size_t room = left < 2 * kStackOfGrammar ? 0 : (left - kStackOfGrammar) / kStackPerLink;
  if (links > room) return Refuse(fmt::format("{} operators and words; at most {} are read", links, room));
  return std::nullopt;
}

ParsedSql ReadTree(std::string_view json) {
  const size_t depth = std::min(kDepthMax, StackBytesLeft() / 2 / kStackPerLevel);
  auto tree = ParseJson(json, {.depth = depth});
  if (!tree) {
    return Refuse(tree.error().message.starts_with("nested") ? "nested too deeply to be read"
                                                             : tree.error().message);
  }
  return {std::move(*tree), {}, 0};
}

std::string_view HintOf(std::string_view sql) {
  const bool templated = sql.find("{{") != std::string_view::npos || sql.find("{%") != std::string_view::npos;
  return templated ? "; this looks like a template: compile it first" : "";
}

ParsedSql ErrorOf(const PgQueryError& error, std::string_view sql) {
  const size_t at = error.cursorpos > 0 ? ByteOfCharacter(sql, error.cursorpos) : 0;
  return Refuse(fmt::format("{}{}", RepairUtf8(error.message), HintOf(sql)), at);
}

}  // namespace

size_t StackBytesLeft() {
  // The limits of a thread's stack never change; asking for the main thread's reads a file.
  thread_local const uintptr_t lowest = [] {
    pthread_attr_t attributes;
    void* start = nullptr;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return uintptr_t{0};
    if (pthread_attr_getstack(&attributes, &start, &size) != 0) start = nullptr;
    pthread_attr_destroy(&attributes);
    return reinterpret_cast<uintptr_t>(start);
  }();
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  return lowest == 0 || here < lowest ? 0 : here - lowest;
}

ParsedSql ParseSql(std::string_view sql, size_t links) {
  if (auto refused = RefuseUnparsed(sql, links)) return std::move(*refused);
  const std::string text(sql);
  const PgQueryParseResult result = pg_query_parse(text.c_str());
  ParsedSql parsed =
      result.error != nullptr ? ErrorOf(*result.error, text) : ReadTree(std::string_view(result.parse_tree));
  pg_query_free_parse_result(result);
  return parsed;
}

ParsedSql ParsePlpgsql(std::string_view sql, size_t links) {
  if (auto refused = RefuseUnparsed(sql, links)) return std::move(*refused);
  const std::string text(sql);
  const PgQueryPlpgsqlParseResult result = pg_query_parse_plpgsql(text.c_str());
  ParsedSql parsed = result.error != nullptr ? ErrorOf(*result.error, text)
                                             : ReadTree(std::string_view(result.plpgsql_funcs));
  pg_query_free_plpgsql_parse_result(result);
  return parsed;
}

}  // namespace amont
