#include "core/log.h"

#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>

#include "core/json.h"
#include "core/quoted.h"
#include "core/unicode.h"

namespace amont {
namespace {

// A value stands bare where no reader of logfmt could mistake its end; otherwise in quotes, escaped as JSON
// is.
std::string LogfmtValue(std::string_view value) {
  bool bare = !value.empty();
  for (size_t at = 0; at < value.size() && bare;) {
    const CodePoint c = DecodeUtf8(value, at);
    bare = c.valid && c.value > ' ' && c.value != '=' && c.value != '"' && c.value != '\\' && c.value != 0x7f;
    at += c.bytes;
  }
  return bare ? std::string(value) : JsonQuote(value);
}

std::string_view ToString(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::info:
      return "info";
    case spdlog::level::warn:
      return "warn";
    default:
      return "error";
  }
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// RFC 3339 in UTC with milliseconds.
std::string TimeText(spdlog::log_clock::time_point at) {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(at);
  const auto day = std::chrono::floor<std::chrono::days>(millis);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(millis - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

// spdlog stamps the event and serialises the writers. Time and level come before the payload, which Log()
// made.
class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(LogFormat format) : format_(format) {}

  void format(const spdlog::details::log_msg& event, spdlog::memory_buf_t& line) override {
    const bool json = format_ == LogFormat::kJson;
    Append(line, json ? "{\"time\":\"" : "time=");
    Append(line, TimeText(event.time));
    Append(line, json ? "\",\"level\":\"" : " level=");
    Append(line, ToString(event.level));
    Append(line, json ? "\"" : "");
    Append(line, std::string_view(event.payload.data(), event.payload.size()));
    Append(line, json ? "}\n" : "\n");
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(format_);
  }

 private:
  static void Append(spdlog::memory_buf_t& line, std::string_view text) {
    line.append(text.data(), text.data() + text.size());
  }
  LogFormat format_;
};

struct ProcessLog {
  ProcessLog() : logger("amont", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_formatter(std::make_unique<LineFormatter>(LogFormat::kLogfmt));
  }
  spdlog::logger logger;
  std::atomic<LogFormat> format = LogFormat::kLogfmt;
};

ProcessLog& TheLog() {
  static auto* log = new ProcessLog;  // never destroyed: threads may log until the process ends
  return *log;
}

std::string Payload(LogFormat format, std::string_view message, std::initializer_list<LogField> fields) {
  std::string payload;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (format == LogFormat::kJson) {
      payload += "," + JsonQuote(key) + ":" + JsonQuote(value);
    } else {
      payload += " " + std::string(key) + "=" + LogfmtValue(value);
    }
  };
  add("msg", message);
  for (const LogField& field : fields) add(field.key, field.value);
  return payload;
}

}  // namespace

Result<LogLevel> ParseLogLevel(std::string_view text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warn") return LogLevel::kWarn;
  if (text == "error") return LogLevel::kError;
  return MakeError(ErrorCode::kInvalid,
                   "the log level must be one of debug, info, warn, error, not " + Quoted(text));
}

Result<LogFormat> ParseLogFormat(std::string_view text) {
  if (text == "logfmt") return LogFormat::kLogfmt;
  if (text == "json") return LogFormat::kJson;
  return MakeError(ErrorCode::kInvalid, "the log format must be one of logfmt, json, not " + Quoted(text));
}

void InitLog(LogLevel level, LogFormat format) {
  ProcessLog& log = TheLog();
  log.format = format;
  log.logger.set_formatter(std::make_unique<LineFormatter>(format));
  log.logger.set_level(ToSpdlog(level));
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  ProcessLog& log = TheLog();
  if (!log.logger.should_log(ToSpdlog(level))) return;
  log.logger.log(ToSpdlog(level), spdlog::string_view_t(Payload(log.format, message, fields)));
}

}  // namespace amont
