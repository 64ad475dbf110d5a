// CheckService: the calls of amont.v1.CheckService, each checked, admitted, timed and answered from the
// Backend.
//
// gRPC's threads call it, several at once. No call touches a file or a path that its request names.
#pragma once

#include <memory>

#include <amont/v1/check_service.grpc.pb.h>

#include "server/rpc/admission.h"
#include "server/rpc/backend.h"
#include "server/rpc/run_feeds.h"

namespace amont {

class CheckService final : public v1::CheckService::Service {
 public:
  // All outlive it.
  CheckService(const Backend& backend, Admission& admission, RunFeeds& feeds)
      : backend_(backend), admission_(admission), feeds_(feeds) {}

  grpc::Status ListChecks(grpc::ServerContext* context, const v1::ListChecksRequest* request,
                          v1::ListChecksResponse* response) override;
  grpc::Status GetCheck(grpc::ServerContext* context, const v1::GetCheckRequest* request,
                        v1::GetCheckResponse* response) override;
  grpc::Status RunChecks(grpc::ServerContext* context, const v1::RunChecksRequest* request,
                         grpc::ServerWriter<v1::RunChecksResponse>* writer) override;
  grpc::Status ListVerdicts(grpc::ServerContext* context, const v1::ListVerdictsRequest* request,
                            v1::ListVerdictsResponse* response) override;
  grpc::Status ListMeasurements(grpc::ServerContext* context, const v1::ListMeasurementsRequest* request,
                                v1::ListMeasurementsResponse* response) override;
  grpc::Status ExplainPlan(grpc::ServerContext* context, const v1::ExplainPlanRequest* request,
                           v1::ExplainPlanResponse* response) override;
  grpc::Status Validate(grpc::ServerContext* context, const v1::ValidateRequest* request,
                        v1::ValidateResponse* response) override;

 private:
  using RunWriter = grpc::ServerWriter<v1::RunChecksResponse>;

  // Admits the call and answers it with fn(caller); its end goes to the metrics.
  template <class Fn>
  grpc::Status Serve(const char* method, Scope scope, grpc::ServerContext& context, Fn fn);

  grpc::Status List(const Caller& caller, const v1::ListChecksRequest& request,
                    v1::ListChecksResponse& response);
  grpc::Status List(const Caller& caller, const v1::ListVerdictsRequest& request,
                    v1::ListVerdictsResponse& response);
  grpc::Status List(const Caller& caller, const v1::ListMeasurementsRequest& request,
                    v1::ListMeasurementsResponse& response);
  grpc::Status Get(const Caller& caller, const v1::GetCheckRequest& request, v1::GetCheckResponse& response);
  grpc::Status Run(const Caller& caller, grpc::ServerContext& context, const v1::RunChecksRequest& request,
                   RunWriter& writer);
  // Sends what a run says until it ends.
  grpc::Status Follow(RunFeeds::Watch watch, const std::string& request_id, const Caller& caller,
                      grpc::ServerContext& context, RunWriter& writer);
  // Sends the verdicts that an earlier run of this id recorded.
  grpc::Status Replay(const std::string& request_id, const Caller& caller, grpc::ServerContext& context,
                      RunWriter& writer);
  grpc::Status Explain(const Caller& caller, grpc::ServerContext& context,
                       const v1::ExplainPlanRequest& request, v1::ExplainPlanResponse& response);

  const Backend& backend_;
  Admission& admission_;
  RunFeeds& feeds_;
};

}  // namespace amont
