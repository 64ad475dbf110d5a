#include "server/telemetry/exposition.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <set>

#include "core/unicode.h"

namespace amont {
namespace {

constexpr int64_t kMicros = 1'000'000;

bool IsPlain(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\0') return false;
  }
  return true;
}

// FNV-1a: the same on every replica and in every release.
uint64_t HashOf(std::string_view text) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

void AppendEscaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

bool IsNameLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

void AppendHead(std::string& out, std::string_view name, MetricType type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                 type == MetricType::kGauge ? "gauge" : "counter");
}

std::string LabelValue(std::string_view raw) {
  if (IsPlain(raw)) return std::string(raw);
  std::string value = RepairUtf8(raw);
  for (size_t at = value.find('\0'); at != std::string::npos; at = value.find('\0', at)) {
    value.replace(at, 1, "\uFFFD");
  }
  if (value != raw) value += fmt::format("#{:016x}", HashOf(raw));
  return value;
}

void AppendLabel(std::string& out, std::string_view name, std::string_view raw) {
  out += name;
  out += "=\"";
  if (IsPlain(raw)) {
    AppendEscaped(out, raw);
  } else {
    AppendEscaped(out, LabelValue(raw));
  }
  out += '"';
}

void AppendForeignLabels(std::string& out, const std::map<std::string, std::string>& labels) {
  std::set<std::string> taken;
  for (const auto& [name, value] : labels) {
    if (value.empty()) continue;
    std::string label = "label_";
    for (const char c : name) label += IsNameLetter(c) ? c : '_';
    while (!taken.insert(label).second) label += '_';
    out += ',';
    AppendLabel(out, label, value);
  }
}

void AppendNumber(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

void AppendNumber(std::string& out, int64_t value) { fmt::format_to(std::back_inserter(out), "{}", value); }

void AppendNumber(std::string& out, Timestamp at) {
  int64_t micros = at.time_since_epoch().count();
  if (micros < 0) {
    AppendNumber(out, static_cast<double>(micros) / kMicros);
    return;
  }
  AppendNumber(out, micros / kMicros);
  micros %= kMicros;
  if (micros == 0) return;
  const std::string digits = fmt::format("{:06}", micros);
  out += '.';
  out.append(digits, 0, digits.find_last_not_of('0') + 1);
}

}  // namespace amont
