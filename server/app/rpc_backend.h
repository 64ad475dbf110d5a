// RpcBackend: what the RPCs ask of the service, done with the configuration that is in force.
//
// Thread-safe. Outlives the RpcServer; all it is given outlives it.
#pragma once

#include <string>

#include "server/app/configuration.h"
#include "server/app/follower.h"
#include "server/app/recorded_run.h"
#include "server/rpc/backend.h"

namespace amont {

class RpcBackend {
 public:
  // `holder`: of the runs that it claims, for people.
  RpcBackend(const Configuration& configuration, RunLedger ledger, Follower& follower, std::string holder,
             Canceller& canceller, LineageBackend lineage);

  const Backend& Get() const { return backend_; }

 private:
  Result<RunSummary> Run(const RunOrder& order, const RunSink& sink, std::stop_token stop);
  Result<Explanation> ExplainPlan(const Selection& selection, const std::set<std::string>& disabled,
                                  std::stop_token stop);
  void Count(std::string_view method, std::string_view code, Duration took) const;
  Diagnostics Validate(const std::vector<std::shared_ptr<const SourceText>>& files) const;

  const Configuration& configuration_;
  const RunLedger ledger_;
  Follower& follower_;
  const std::string holder_;
  Canceller& canceller_;
  const Backend backend_;
};

}  // namespace amont
