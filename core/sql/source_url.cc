#include <string>
#include <string_view>

#include "core/quoted.h"
#include "core/sql/connection.h"

namespace amont {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::string_view kUrlForms = "write postgresql://…, duckdb:, duckdb:FILE or sqlite:FILE";

// The letters before the colon, if they look like a scheme: the only part of a wrong URL that may be
// repeated.
std::string_view SchemeOf(std::string_view url) {
  const size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const std::string_view scheme = url.substr(0, colon);
  const bool plain =
      scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-") ==
      std::string_view::npos;
  return plain ? scheme : std::string_view();
}

// postgresql://user:PASSWORD@host. A password may hold any sign unescaped by mistake, so it reaches to the
// last @.
void MaskUserInfo(std::string& url) {
  const size_t begin = url.find("://");
  const size_t end = url.rfind('@');
  if (begin == std::string::npos || end == std::string::npos || end < begin + 3) return;
  const size_t colon = url.find(':', begin + 3);
  if (colon < end) url.replace(colon + 1, end - colon - 1, kMask);
}

// …?password=SECRET&…; a key with escapes is masked too, since it may spell password.
void MaskParameters(std::string& url) {
  size_t at = url.find('?');
  while (at != std::string::npos) {
    const size_t next = url.find('&', at + 1);
    const size_t equals = url.find('=', at + 1);
    if (equals != std::string::npos && (next == std::string::npos || equals < next)) {
      const std::string_view key = std::string_view(url).substr(at + 1, equals - at - 1);
      if (key.find("password") != std::string_view::npos || key.find('%') != std::string_view::npos) {
        const size_t end = next == std::string::npos ? url.size() : next;
        url.replace(equals + 1, end - equals - 1, kMask);
      }
    }
    at = url.find('&', at + 1);
  }
}

}  // namespace

std::string_view ToString(Engine engine) {
  switch (engine) {
    case Engine::kPostgres:
      return "postgresql";
    case Engine::kDuckdb:
      return "duckdb";
    case Engine::kSqlite:
      return "sqlite";
  }
  return "unknown";
}

Result<Engine> EngineOf(std::string_view url) {
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return Engine::kPostgres;
  const std::string_view scheme = SchemeOf(url);
  if (scheme == "duckdb") return Engine::kDuckdb;
  if (scheme == "sqlite") {
    if (url != "sqlite:") return Engine::kSqlite;
    return MakeError(ErrorCode::kInvalid, "the URL sqlite: names no file");
  }
  if (scheme == "postgresql" || scheme == "postgres") {
    return MakeError(ErrorCode::kInvalid, "a PostgreSQL URL begins with postgresql://");
  }
  const std::string what =
      scheme.empty() ? "the URL has no scheme" : Quoted(scheme) + " is no engine we know";
  return MakeError(ErrorCode::kInvalid, what + "; " + std::string(kUrlForms));
}

std::string MaskUrl(std::string_view url) {
  std::string masked(url);
  MaskParameters(masked);
  MaskUserInfo(masked);
  return masked;
}

}  // namespace amont
