// What a service says, as our own values: reports and commands are the same for a service and a local store.
//
// What the contract does not carry (measures, expectations, schedules) stays empty: such checks are fit for
// showing and selecting only. Pure; nothing a service sends can fail, what is unknown reads as nothing known.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <amont/v1/check_service.pb.h>

#include "checks/verdict.h"
#include "core/diagnostic.h"
#include "server/config/selection.h"
#include "server/store/store.h"
#include "server/telemetry/state_map.h"

namespace amont {

// Checks by their ids; those of one table share it. One thread at a time.
class CheckBook {
 public:
  // Replaces what was known of the id.
  const KnownCheck& Add(const v1::Check& message);
  // One that is only known by its verdict: of severity warning, so that its failure counts.
  CheckPtr FindOrMake(const std::string& id);

  bool Has(const std::string& id) const { return known_.contains(id); }
  std::vector<KnownCheck> All() const;

 private:
  std::shared_ptr<const Table> TableOf(const v1::Check& message);

  std::map<std::string, KnownCheck> known_;
  std::map<std::string, std::shared_ptr<const Table>> tables_;
};

v1::Selection ToMessage(const Selection& selection);
Verdict FromMessage(const v1::Verdict& message, CheckPtr check);
Error FromMessage(const v1::MeasureError& message);
Error FromMessage(const v1::SourceError& message);
VerdictRow FromMessage(const v1::Verdict& message);
MeasurementRow FromMessage(const v1::Measurement& message);
// Their lines are not sent along: they are shown without.
Diagnostics FromMessage(const google::protobuf::RepeatedPtrField<v1::Diagnostic>& messages);

}  // namespace amont
