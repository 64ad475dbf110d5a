// Client: the commands' side of the RPCs: connects to a running service and turns its statuses into Errors
// that say what to do next.
//
// Thread-safe. Nothing is connected before the first call. Every call ends at a stop (kCancelled); all but
// RunChecks and ImportManifest also after kClientDeadline. kUnreachable: nobody answers, or the TLS handshake
// failed; kPermission: token, scope or source; kInvalid, kNotFound, kLimit, kBusy as the service says.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <amont/v1/check_service.pb.h>
#include <amont/v1/lineage_service.pb.h>
#include <grpcpp/support/status.h>

#include "core/result.h"
#include "server/config/config.h"
#include "server/rpc/lineage_backend.h"

namespace amont {

inline constexpr auto kClientDeadline = std::chrono::seconds(30);

struct ClientOptions {
  // HOST:PORT: in the clear on loopback, by TLS elsewhere; https://HOST:PORT and http://HOST:PORT say which.
  std::string server = {};
  std::string token = {};      // empty: none; never sent in the clear to another machine
  std::string ca_file = {};    // PEM; empty: the authorities that the system trusts
  std::string cert_file = {};  // PEM; empty: no certificate of ours
  std::string key_file = {};
};

// Fills what is empty from AMONT_SERVER, AMONT_TOKEN (else the first line of the file AMONT_TOKEN_FILE),
// AMONT_CA_FILE, AMONT_CERT_FILE and AMONT_KEY_FILE.
Result<ClientOptions> FromEnvironment(ClientOptions options, const Environment& environment);

class Client {
 public:
  // Reads the files. kInvalid: an address that is none, or a token that would travel in the clear.
  static Result<Client> Make(const ClientOptions& options);
  ~Client();
  Client(Client&&) noexcept;

  Result<v1::ListChecksResponse> Call(const v1::ListChecksRequest& request, std::stop_token stop) const;
  Result<v1::GetCheckResponse> Call(const v1::GetCheckRequest& request, std::stop_token stop) const;
  Result<v1::ListVerdictsResponse> Call(const v1::ListVerdictsRequest& request, std::stop_token stop) const;
  Result<v1::ListMeasurementsResponse> Call(const v1::ListMeasurementsRequest& request,
                                            std::stop_token stop) const;
  Result<v1::ExplainPlanResponse> Call(const v1::ExplainPlanRequest& request, std::stop_token stop) const;
  Result<v1::ValidateResponse> Call(const v1::ValidateRequest& request, std::stop_token stop) const;
  Result<v1::GetGraphResponse> Call(const v1::GetGraphRequest& request, std::stop_token stop) const;
  Result<v1::GetCauseResponse> Call(const v1::GetCauseRequest& request, std::stop_token stop) const;
  Result<v1::IngestEventResponse> Call(const v1::IngestEventRequest& request, std::stop_token stop) const;
  // Each file in pieces; empty ones are not sent. Without a deadline: reading a large project takes its time.
  Result<v1::ImportManifestResponse> ImportManifest(const ManifestImport& import, std::stop_token stop) const;
  // Gives every event as it comes; ends after the summary.
  Result<void> RunChecks(const v1::RunChecksRequest& request,
                         const std::function<void(const v1::RunChecksResponse&)>& event,
                         std::stop_token stop) const;

 private:
  struct Channel;
  explicit Client(std::unique_ptr<Channel> channel);

  std::unique_ptr<Channel> channel_;
};

// A status of a service at `server`, for people.
Error ToError(const grpc::Status& status, const std::string& server);

}  // namespace amont
