#include "server/app/in_force.h"

#include <string>

#include "core/log.h"
#include "core/time.h"

namespace amont {

void LogInForce(const Config& config, size_t invalid_files) {
  for (const auto& [name, source] : config.sources) {
    Log(LogLevel::kInfo, "source in force",
        {{"source", name},
         {"url", MaskUrl(source.connect.url)},
         {"connections", std::to_string(source.connections)},
         {"statement_timeout", FormatDuration(source.connect.statement_timeout)},
         {"max_scan_rows", std::to_string(source.max_scan_rows)},
         {"timezone", source.connect.zone.name()}});
  }
  const StoreConfig& store = config.store;
  Log(LogLevel::kInfo, "store in force",
      {{"url", MaskUrl(store.url)},
       {"lease", FormatDuration(store.lease)},
       {"keep_measurements", FormatDuration(store.keep_measurements)},
       {"keep_verdicts", FormatDuration(store.keep_verdicts)},
       {"keep_events", FormatDuration(store.keep_events)}});
  const ServeConfig& serve = config.serve;
  Log(LogLevel::kInfo, "listeners in force",
      {{"grpc", serve.grpc.Text()},
       {"http", serve.http.Text()},
       {"tls", !serve.tls                          ? "no"
               : serve.tls->client_ca_file.empty() ? "yes"
                                                   : "mutual"},
       {"tokens_file", serve.tokens_file},
       {"insecure", serve.insecure ? "yes" : "no"}});
  Log(LogLevel::kInfo, "declarations in force",
      {{"files", std::to_string(config.files.size())},
       {"tables", std::to_string(config.declarations.tables.size())},
       {"wildcards", std::to_string(config.declarations.patterns.size())},
       {"checks", std::to_string(config.declarations.checks.size())},
       {"invalid_files", std::to_string(invalid_files)}});
}

}  // namespace amont
