// Messages: our values as messages of amont.v1, and its enums as ours. Pure.
//
// Texts are made valid UTF-8 on the way: protobuf refuses to send anything else.
#pragma once

#include <optional>
#include <set>

#include <amont/v1/check_service.pb.h>

#include "core/diagnostic.h"
#include "server/config/selection.h"
#include "server/rpc/backend.h"
#include "server/telemetry/state_map.h"

namespace amont {

v1::VerdictStatus ToMessage(Status status);
// nullopt: unspecified or unknown.
std::optional<Status> FromMessage(v1::VerdictStatus status);
google::protobuf::Timestamp ToMessage(Timestamp at);
// nullopt: outside the years 0001 to 9999, or nanoseconds that are none.
std::optional<Timestamp> FromMessage(const google::protobuf::Timestamp& at);

v1::Check ToMessage(const KnownCheck& known, Timestamp now);
v1::Verdict ToMessage(const Verdict& verdict, RunId run);
v1::Verdict ToMessage(const VerdictRow& row);
v1::Measurement ToMessage(const std::string& check, const MeasurementRow& row);
v1::RunSummary ToMessage(const RunSummary& summary);
v1::Diagnostic ToMessage(const Diagnostic& diagnostic);
v1::InvalidFile ToMessage(const InvalidFile& file);
v1::PlannedStatement ToMessage(const PlannedSql& statement);

Selection FromMessage(const v1::Selection& selection);

}  // namespace amont
