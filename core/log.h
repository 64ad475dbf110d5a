// The process's log: one line an event on stderr, logfmt or JSON, level and format chosen once at start.
//
// Thread-safe. Never log a password, a URL with one, or a value from the user's rows.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/result.h"

namespace amont {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

Result<LogLevel> ParseLogLevel(std::string_view text);    // debug info warn error
Result<LogFormat> ParseLogFormat(std::string_view text);  // logfmt json
void InitLog(LogLevel level, LogFormat format);

struct LogField {
  std::string_view key;
  std::string value;
};

// Log(kWarn, "statement timed out", {{"source", "warehouse"}, {"table", "mart.orders"}});
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace amont
