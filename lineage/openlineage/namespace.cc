#include "lineage/openlineage/namespace.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace amont {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// What an engine's namespaces look like.
struct Engine {
  std::string_view scheme;  // as producers write it
  std::string_view canonical;
  NamespaceStyle style;
  std::string_view port;   // the default one
  bool port_shown = true;  // as the naming rules have it; otherwise the default port is left out
};

constexpr std::string_view kUnnamed = "(unnamed)";
constexpr NamespaceStyle kDatabase = NamespaceStyle::kDatabase;
constexpr NamespaceStyle kPath = NamespaceStyle::kPath;
constexpr std::array kEngines = std::to_array<Engine>({
    {"postgres", "postgres", kDatabase, "5432"},
    {"postgresql", "postgres", kDatabase, "5432"},
    {"pgsql", "postgres", kDatabase, "5432"},
    {"redshift", "redshift", kDatabase, "5439"},
    {"mysql", "mysql", kDatabase, "3306"},
    {"mariadb", "mysql", kDatabase, "3306"},
    {"mssql", "mssql", kDatabase, "1433"},
    {"sqlserver", "mssql", kDatabase, "1433"},
    {"oracle", "oracle", kDatabase, "1521"},
    {"trino", "trino", kDatabase, "8080"},
    {"presto", "trino", kDatabase, "8080"},
    {"hive", "hive", kDatabase, "10000"},
    {"hive2", "hive", kDatabase, "10000"},
    {"db2", "db2", kDatabase, "50000"},
    {"cassandra", "cassandra", kDatabase, "9042"},
    {"crate", "crate", kDatabase, "5432"},
    {"teradata", "teradata", kDatabase, "1025"},
    {"oceanbase", "oceanbase", kDatabase, "2881"},
    {"clickhouse", "clickhouse", kDatabase, ""},
    {"vertica", "vertica", kDatabase, "5433"},
    {"snowflake", "snowflake", kDatabase, ""},
    {"spanner", "spanner", kDatabase, ""},
    {"databricks", "databricks", kDatabase, ""},
    {"awsathena", "awsathena", kDatabase, ""},
    {"athena", "awsathena", kDatabase, ""},
    {"bigquery", "bigquery", kDatabase, ""},
    {"duckdb", "duckdb", kDatabase, ""},
    {"sqlite", "sqlite", kDatabase, ""},
    {"s3", "s3", kPath, ""},
    {"s3a", "s3", kPath, ""},
    {"s3n", "s3", kPath, ""},
    {"gs", "gs", kPath, ""},
    {"gcs", "gs", kPath, ""},
    {"hdfs", "hdfs", kPath, "8020", false},
    {"abfss", "abfss", kPath, ""},
    {"abfs", "abfss", kPath, ""},
    {"wasbs", "wasbs", kPath, ""},
    {"wasb", "wasbs", kPath, ""},
    {"dbfs", "dbfs", kPath, ""},
    {"file", "file", kPath, ""},
    {"kafka", "kafka", kPath, "9092"},
    {"pubsub", "pubsub", kPath, ""},
});

const Engine* FindEngine(std::string_view scheme) {
  const auto* found = std::ranges::find(kEngines, scheme, &Engine::scheme);
  return found == kEngines.end() ? nullptr : found;
}

bool IsSchemeCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
         c == '.';
}

// The user part names the container there and is no credential.
bool KeepsUser(std::string_view scheme) { return scheme == "abfss" || scheme == "wasbs"; }

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
         text.find_first_not_of('0') != std::string_view::npos;
}

// Redshift's hosts are named by their cluster and region: cluster.abc123.eu-west-1.redshift.amazonaws.com.
std::string RedshiftHost(std::string_view host) {
  std::array<std::string_view, 6> parts;
  size_t count = 0;
  for (std::string_view rest = host; count < parts.size(); ++count) {
    const size_t dot = rest.find('.');
    parts[count] = rest.substr(0, dot);
    if (dot == std::string_view::npos) {
      ++count;
      break;
    }
    rest.remove_prefix(dot + 1);
  }
  if (count != parts.size() || !host.ends_with(".amazonaws.com") || !parts[3].starts_with("redshift")) {
    return std::string(host);
  }
  return fmt::format("{}.{}", parts[0], parts[2]);
}

std::string CanonicalHost(const Engine& engine, std::string_view text) {
  std::string host = Lower(text);
  while (host.ends_with('.')) host.pop_back();
  if (engine.canonical == "redshift") return RedshiftHost(host);
  if (engine.canonical == "snowflake") {
    constexpr std::string_view kDomain = ".snowflakecomputing.com";
    if (host.ends_with(kDomain)) host.resize(host.size() - kDomain.size());
  }
  return host;
}

// host:port of an authority without its user; several hosts (Kafka's) stay as they are, in lower case.
std::string CanonicalAuthority(const Engine& engine, std::string_view authority) {
  if (authority.find(',') != std::string_view::npos) return Lower(authority);
  size_t colon = authority.rfind(':');
  const size_t bracket = authority.rfind(']');  // of an IPv6 address
  if (bracket != std::string_view::npos && colon != std::string_view::npos && colon < bracket)
    colon = std::string_view::npos;
  // spanner://project:instance has a colon that is no port's.
  if (engine.canonical == "spanner") colon = std::string_view::npos;
  std::string host = CanonicalHost(engine, authority.substr(0, colon));
  std::string_view port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon + 1);
  if (!IsPort(port)) port = engine.port;
  const bool shown = !port.empty() && !host.empty() && (engine.port_shown || port != engine.port);
  return shown ? fmt::format("{}:{}", host, port) : host;
}

std::string_view WithoutSlashes(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  while (text.starts_with('/')) text.remove_prefix(1);
  return text;
}

bool IsFileEngine(const Engine& engine) {
  return engine.canonical == "duckdb" || engine.canonical == "sqlite";
}

CanonicalNamespace ReadDatabase(const Engine& engine, std::string_view authority, std::string_view path) {
  CanonicalNamespace result;
  result.style = engine.style;
  if (engine.canonical == "bigquery") {
    result.text = engine.canonical;
    return result;
  }
  // The engine is the file: duckdb:///var/lib/shop.duckdb, duckdb://shop.duckdb, duckdb:shop.duckdb.
  if (IsFileEngine(engine)) {
    result.text = fmt::format("{}:{}{}", engine.canonical, authority, path);
    if (result.text.ends_with(':')) result.text.pop_back();
    return result;
  }
  const std::string host = CanonicalAuthority(engine, authority);
  result.text = host.empty() ? std::string(engine.canonical) : fmt::format("{}://{}", engine.canonical, host);
  path = WithoutSlashes(path);
  result.database = path.substr(0, path.find('/'));
  return result;
}

CanonicalNamespace ReadPath(const Engine& engine, std::string_view authority, std::string_view path) {
  CanonicalNamespace result;
  result.style = engine.style;
  while (path.ends_with('/')) path.remove_suffix(1);
  if (engine.canonical == "file") {
    const std::string host = Lower(authority) == "localhost" ? std::string() : Lower(authority);
    result.text = host.empty() ? "file" : fmt::format("file://{}", host);
    if (!path.empty()) result.text += host.empty() ? fmt::format(":{}", path) : std::string(path);
    return result;
  }
  // Names of buckets and containers may tell cases apart; those of hosts do not.
  const bool bucket = engine.canonical == "s3" || engine.canonical == "gs" || KeepsUser(engine.canonical);
  const std::string place = bucket ? std::string(authority) : CanonicalAuthority(engine, authority);
  result.text =
      place.empty() ? std::string(engine.canonical) : fmt::format("{}://{}", engine.canonical, place);
  result.text += path;
  return result;
}

// The start of an address: "scheme:" with what follows it.
struct Address {
  std::string scheme;  // lower case; empty: it is none
  std::string_view rest;
};

Address ReadScheme(std::string_view text) {
  Address address{.scheme = {}, .rest = text};
  for (;;) {
    const size_t colon = address.rest.find(':');
    if (colon == std::string_view::npos || colon == 0) return address;
    const std::string_view scheme = address.rest.substr(0, colon);
    if (!std::ranges::all_of(scheme, IsSchemeCharacter)) return address;
    address.scheme = Lower(scheme);
    address.rest.remove_prefix(colon + 1);
    if (address.scheme == "jdbc") continue;  // jdbc:postgresql://…
    // postgresql+psycopg2://… names the driver too.
    address.scheme.resize(std::min(address.scheme.size(), address.scheme.find('+')));
    return address;
  }
}

bool EndsValue(char c) { return c == '&' || c == ';' || c == ' ' || c == ',' || c == '\n' || c == '"'; }

// Where the user's part of the authority at `begin` ends with "@"; npos: it has none. A password may hold an
// "@" itself, so the last one counts. A slash in a password should have been encoded: where what stands
// before the first slash can be no host, the rest of the word is looked through too.
size_t UserEnd(std::string_view text, size_t begin) {
  const size_t end = std::min(text.find_first_of("/?# \t\n\"'", begin), text.size());
  const std::string_view authority = text.substr(begin, end - begin);
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) return begin + at;
  const size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == authority.size() || authority.ends_with(']') ||
      IsPort(authority.substr(colon + 1)))
    return std::string_view::npos;
  const size_t word = std::min(text.find_first_of(" \t\n\"'", begin), text.size());
  const size_t at = text.substr(begin, word - begin).rfind('@');
  return at == std::string_view::npos ? at : begin + at;
}

// Whether the user's part of such an address is the name of a container: "abfss", or what ends with it.
bool NamesContainer(std::string_view before) {
  size_t first = before.size();
  while (first > 0 && IsSchemeCharacter(before[first - 1])) --first;
  const Engine* engine = FindEngine(Lower(before.substr(first)));
  return engine != nullptr && KeepsUser(engine->canonical);
}

// user:password@host, an address that lacks its scheme.
std::string_view WithoutBareUser(std::string_view text) {
  const size_t at = text.find('@');
  const size_t colon = text.find(':');
  if (at == std::string_view::npos || colon > at || text.find("://") != std::string_view::npos ||
      text.find_first_of("/ ") < at)
    return text;
  return text.substr(at + 1);
}

// Blanks what follows "password=" and its like.
void BlankSecrets(std::string& text) {
  if (text.find('=') == std::string::npos) return;
  const std::string lower = Lower(text);
  constexpr std::array<std::string_view, 8> kKeys = {
      "password=", "passwd=", "pwd=", "secret=", "token=", "apikey=", "api_key=", "access_key="};
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    size_t next = std::string::npos;
    size_t length = 0;
    for (const std::string_view key : kKeys) {
      const size_t found = lower.find(key, at);
      if (found < next) {
        next = found;
        length = key.size();
      }
    }
    if (next == std::string::npos) break;
    out.append(text, at, next + length - at);
    out += "***";
    at = next + length;
    while (at < text.size() && !EndsValue(text[at])) ++at;
  }
  if (at == 0) return;
  out.append(text, at);
  text = std::move(out);
}

}  // namespace

std::string WithoutCredentials(std::string_view text) {
  std::string out(text);
  for (size_t mark = out.find("://"); mark != std::string::npos; mark = out.find("://", mark + 3)) {
    const size_t begin = mark + 3;
    const size_t at = UserEnd(out, begin);
    if (at == std::string::npos) continue;
    if (NamesContainer(std::string_view(out).substr(0, mark))) {
      const size_t colon = std::min(out.find(':', begin), at);  // the container stays
      out.erase(colon, at - colon);
    } else {
      out.erase(begin, at + 1 - begin);
    }
  }
  BlankSecrets(out);
  return out;
}

CanonicalNamespace ReadNamespace(std::string_view text) {
  CanonicalNamespace result;
  const std::string clean = WithoutCredentials(WithoutBareUser(Trimmed(text)));
  const Address address = ReadScheme(clean);
  const Engine* engine = FindEngine(address.scheme.empty() ? Lower(clean) : address.scheme);
  if (engine == nullptr) {
    result.text = clean;
    std::string_view kept = result.text;
    while (kept.ends_with('/') && !kept.ends_with("//")) kept.remove_suffix(1);
    result.text.resize(kept.size());
    return result;
  }
  std::string_view rest = address.scheme.empty() ? std::string_view() : address.rest;
  rest = rest.substr(0, rest.find_first_of("?#;"));
  std::string_view authority;
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    authority = rest.substr(0, rest.find('/'));
    rest.remove_prefix(authority.size());
  } else if (engine->style == NamespaceStyle::kDatabase && !IsFileEngine(*engine)) {
    authority = rest.substr(0, rest.find('/'));  // oracle:host:1521/service
    rest.remove_prefix(authority.size());
  }
  return engine->style == NamespaceStyle::kDatabase ? ReadDatabase(*engine, authority, rest)
                                                    : ReadPath(*engine, authority, rest);
}

DatasetId CanonicalDataset(std::string_view space, std::string_view name) {
  return CanonicalDataset(ReadNamespace(space), name);
}

DatasetId CanonicalDataset(const CanonicalNamespace& read, std::string_view name) {
  // "default" is what producers send where nobody configured a namespace.
  DatasetId id{.space = read.text.empty() ? "default" : read.text, .name = {}};
  if (name.empty()) name = kUnnamed;
  if (read.style == NamespaceStyle::kPath) {
    std::string path = WithoutCredentials(name);
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    // Keys of buckets have no leading slash, though some producers write one.
    if (!id.space.starts_with("file") && !id.space.starts_with("hdfs")) {
      path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
    }
    id.name = path.empty() ? "/" : std::move(path);
    return id;
  }
  id.name = name;
  if (id.name.find("://") != std::string::npos) id.name = WithoutCredentials(id.name);
  const auto dots = std::ranges::count(id.name, '.');
  // MySQL's databases are its schemas: database.table is whole.
  const bool two_levels = id.space.starts_with("mysql") || id.space.starts_with("hive") ||
                          id.space.starts_with("cassandra") || id.space.starts_with("teradata");
  if (read.database.empty() || dots >= (two_levels ? 1 : 2)) return id;
  if (dots == 0 && !two_levels) {
    // "shop.orders" would be read as schema and table.
    if (!id.space.starts_with("postgres") && !id.space.starts_with("redshift")) return id;
    id.name = fmt::format("{}.public.{}", read.database, id.name);
  } else {
    id.name = fmt::format("{}.{}", read.database, id.name);
  }
  return id;
}

DatasetId CanonicalJob(std::string_view space, std::string_view name) {
  DatasetId id{.space = WithoutCredentials(WithoutBareUser(Trimmed(space))),
               .name = WithoutCredentials(name)};
  if (id.space.empty()) id.space = "default";
  if (id.name.empty()) id.name = kUnnamed;
  return id;
}

}  // namespace amont

size_t std::hash<amont::DatasetId>::operator()(const amont::DatasetId& id) const noexcept {
  const std::hash<std::string_view> part;
  const size_t seed = part(id.space);
  return seed * 0x9E3779B97F4A7C15ULL + part(id.name);
}
