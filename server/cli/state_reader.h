// StateReader: what is known of checks and what was measured: told by a service, or read from a local store.
//
// Owned by a command; one thread at a time. Every call blocks, at most for kClientDeadline, and ends at a
// stop (kCancelled).
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "server/config/selection.h"
#include "server/config/settle.h"
#include "server/rpc/client.h"
#include "server/store/store.h"
#include "server/telemetry/state_map.h"

namespace amont {

class StateReader {
 public:
  virtual ~StateReader() = default;
  virtual std::string Name() const = 0;  // "127.0.0.1:7433", "sqlite:…", for people

  // Those that the selection selects, by id; none is no error.
  virtual Result<std::vector<KnownCheck>> ReadChecks(const Selection& selection) = 0;
  // Declaration files whose mistakes keep them, or what was changed in them, out of force; after ReadChecks.
  virtual const std::vector<InvalidFile>& invalid_files() const = 0;
  // nullopt: nobody knows it now; its history may still be there.
  virtual Result<std::optional<KnownCheck>> ReadCheck(const std::string& id) = 0;
  // Newest first; none, too, where the check is not known.
  virtual Result<MeasurementPage> ReadMeasurements(const MeasurementQuery& query) = 0;
  virtual Result<VerdictPage> ReadVerdicts(const VerdictQuery& query) = 0;
};

std::unique_ptr<StateReader> ReadService(const Client& client, std::string name, std::stop_token stop);
// The checks of `config`, and those of its wildcards whose tables the store knows.
std::unique_ptr<StateReader> ReadLocal(const Config& config, std::unique_ptr<Store> store, std::string name);

// One answer of all pages: every check of the service that the selection selects.
Result<v1::ListChecksResponse> ListAllChecks(const Client& client, const Selection& selection,
                                             std::stop_token stop);

// The first word of the selection that selects nothing, as FindIdleWord says it, where `selected` is what was
// found; looks at all other checks for what may have been meant.
Result<std::optional<Error>> FindIdleWord(const Selection& selection, StateReader& reader,
                                          const std::vector<KnownCheck>& selected);

}  // namespace amont
