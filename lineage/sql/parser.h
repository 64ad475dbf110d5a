// PostgreSQL's own parser (libpg_query 15), behind as little as we need: one statement's text in, its parse
// tree out.
//
// The library recurses over what it read and crashes where the stack ends, and leaks one key a thread that
// ever parsed: call it from a few long-lived threads with big stacks (server/executor/big_stack.h), never
// from one a request. As a second guard a statement is refused before it is parsed when it has more links
// (operators and words, each of which may nest the tree by one) than the calling thread's stack can hold; so
// a small stack refuses sooner, and nothing crashes. Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_document.h"

namespace amont {

inline constexpr size_t kSqlStatementBytesMax =
    4U << 20U;  // longer ones are data, and their tree ten times that

// A tree, or why there is none and at which byte of the text.
struct ParsedSql {
  std::optional<JsonDocument> tree;
  std::string reason;
  size_t offset = 0;
};

// `links`: an upper bound of how many operators and words the text holds.
ParsedSql ParseSql(std::string_view sql, size_t links);
// The bodies of the PL/pgSQL functions and blocks that a CREATE FUNCTION, CREATE PROCEDURE or DO statement
// holds.
ParsedSql ParsePlpgsql(std::string_view sql, size_t links);

// What is left of the calling thread's stack.
size_t StackBytesLeft();

}  // namespace amont
