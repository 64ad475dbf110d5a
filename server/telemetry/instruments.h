// Instruments: counters, gauges and histograms of the process itself, on the core of prometheus-cpp.
//
// Thread-safe. Sources, methods and files are few, so every series is kept for the life of the process. Label
// values are made valid UTF-8. Durations are seconds in what is exposed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace amont {

class Instruments {
 public:
  Instruments();  // with the version that was built, amont_build_info
  ~Instruments();
  Instruments(const Instruments&) = delete;
  Instruments& operator=(const Instruments&) = delete;

  // So that their counters start at 0 and not with their first event.
  void KnowSources(const std::vector<std::string>& sources);
  void RunFinished(std::string_view source, Duration took, bool failed);
  void StatementFinished(std::string_view source, std::string_view statement_class, Duration took);

  void SlotStarted(Duration lag);  // after the time it was due
  void SlotsMissed(int64_t slots);
  void Ticked(Timestamp now);

  void SetLeader(bool leads);
  // `invalid_files`: those whose last accepted version is in force instead.
  void ConfigReloaded(bool successful, Timestamp now, const std::vector<std::string>& invalid_files);

  // `type`: unary or server_stream; `service` and `method` as gRPC names them, `code` "OK", "NotFound", …
  void RpcStarted(std::string_view type, std::string_view service, std::string_view method);
  void RpcHandled(std::string_view type, std::string_view service, std::string_view method,
                  std::string_view code, Duration took);

  // accepted, rejected (and why was said), limited (too much came in), failed (the store did not take them).
  void LineageEvents(std::string_view status, size_t count);
  // resolved, partial, failed.
  void LineageStatement(std::string_view status);
  void SetLineageEdges(std::string_view provenance, size_t count);

  // The families in Prometheus's text format: those of the process, and those with a `source` label, which
  // only the leader shows.
  std::string ProcessText() const;
  std::string SourceText() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace amont
