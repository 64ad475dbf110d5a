#include "server/telemetry/process_text.h"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/file.h"
#include "server/telemetry/exposition.h"

namespace amont {
namespace {

constexpr size_t kProcBytesMax = 4u << 20;

// The line `NAME VALUE`, with its head.
template <class Number>
void Append(std::string& out, std::string_view name, MetricType type, std::string_view help, Number value) {
  AppendHead(out, name, type, help);
  out += name;
  out += ' ';
  AppendNumber(out, value);
  out += '\n';
}

int64_t ToInteger(std::string_view text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// When the machine started, in seconds since 1970.
std::optional<int64_t> BootTime() {
  const Result<std::string> stat = ReadFile("/proc/stat", kProcBytesMax);
  if (!stat) return std::nullopt;
  const size_t at = stat->find("\nbtime ");
  if (at == std::string::npos) return std::nullopt;
  return ToInteger(std::string_view(*stat).substr(at + 7));
}

// Of /proc/self/stat, from the state on: what stands before may hold blanks of its own.
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;
constexpr size_t kStartTicks = 19;
constexpr size_t kVirtualBytes = 20;
constexpr size_t kResidentPages = 21;

void AppendStat(std::string& out) {
  const Result<std::string> stat = ReadFile("/proc/self/stat", kProcBytesMax);
  if (!stat) return;
  const size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos || name_end + 2 > stat->size()) return;
  const std::vector<std::string_view> words = Words(std::string_view(*stat).substr(name_end + 2));
  if (words.size() <= kResidentPages) return;
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double used = static_cast<double>(ToInteger(words[kUserTicks]) + ToInteger(words[kSystemTicks]));
  Append(out, "process_cpu_seconds_total", MetricType::kCounter, "CPU time of the process.", used / ticks);
  Append(out, "process_resident_memory_bytes", MetricType::kGauge, "Resident memory.",
         ToInteger(words[kResidentPages]) * sysconf(_SC_PAGESIZE));
  Append(out, "process_virtual_memory_bytes", MetricType::kGauge, "Virtual memory.",
         ToInteger(words[kVirtualBytes]));
  const std::optional<int64_t> boot = BootTime();
  if (!boot) return;
  Append(out, "process_start_time_seconds", MetricType::kGauge, "When the process started.",
         static_cast<double>(*boot) + static_cast<double>(ToInteger(words[kStartTicks])) / ticks);
}

}  // namespace

void AppendProcessText(std::string& out) {
  AppendStat(out);
  std::error_code failed;
  int64_t open = 0;
  for (std::filesystem::directory_iterator file("/proc/self/fd", failed), end; file != end && !failed;
       file.increment(failed)) {
    ++open;
  }
  Append(out, "process_open_fds", MetricType::kGauge, "Open file descriptors.", open);
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  Append(out, "process_max_fds", MetricType::kGauge, "How many file descriptors may be open.",
         static_cast<int64_t>(limit.rlim_cur));
}

}  // namespace amont
