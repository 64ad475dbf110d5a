// LineageService: the calls of amont.v1.LineageService, each checked, admitted, timed and answered from the
// LineageBackend.
//
// gRPC's threads call it, several at once. No call touches a file or a path that its request names. A token
// that is bound to sources sees no table of another.
#pragma once

#include <atomic>

#include <amont/v1/lineage_service.grpc.pb.h>

#include "server/rpc/admission.h"
#include "server/rpc/backend.h"

namespace amont {

class LineageService final : public v1::LineageService::Service {
 public:
  // Both outlive it.
  LineageService(const Backend& backend, Admission& admission) : backend_(backend), admission_(admission) {}

  grpc::Status IngestEvent(grpc::ServerContext* context, const v1::IngestEventRequest* request,
                           v1::IngestEventResponse* response) override;
  grpc::Status ImportManifest(grpc::ServerContext* context,
                              grpc::ServerReader<v1::ImportManifestRequest>* reader,
                              v1::ImportManifestResponse* response) override;
  grpc::Status GetGraph(grpc::ServerContext* context, const v1::GetGraphRequest* request,
                        v1::GetGraphResponse* response) override;
  grpc::Status GetImpact(grpc::ServerContext* context, const v1::GetImpactRequest* request,
                         v1::GetImpactResponse* response) override;
  grpc::Status GetCause(grpc::ServerContext* context, const v1::GetCauseRequest* request,
                        v1::GetCauseResponse* response) override;
  grpc::Status GetPath(grpc::ServerContext* context, const v1::GetPathRequest* request,
                       v1::GetPathResponse* response) override;
  grpc::Status ListStatements(grpc::ServerContext* context, const v1::ListStatementsRequest* request,
                              v1::ListStatementsResponse* response) override;

 private:
  const Backend& backend_;
  Admission& admission_;
  std::atomic<bool> importing_ = false;  // one manifest at a time: each may take some hundred megabytes
};

}  // namespace amont
