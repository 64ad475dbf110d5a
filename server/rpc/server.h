// RpcServer: the gRPC listener: CheckService, LineageService where the backend has lineage, health and
// reflection.
//
// Owned by the composition root, which also starts, reloads and drains it. Serves with gRPC's own threads, at
// most limits::kRpcThreads; one call more gets RESOURCE_EXHAUSTED. Health and reflection ask for no token.
#pragma once

#include <cstdint>
#include <memory>

#include "core/result.h"
#include "core/time.h"
#include "server/config/serve.h"
#include "server/rpc/backend.h"
#include "server/rpc/tokens.h"

namespace amont {

struct RpcLimits {
  int threads = limits::kRpcThreads;
  size_t runs = limits::kRpcRuns;
};

class RpcServer {
 public:
  // Listens at `config.grpc`. kInvalid: certificates or tokens that make no sense, or an address that others
  // can reach without tls and auth; kBusy: the address is taken. `backend` outlives the server.
  static Result<std::unique_ptr<RpcServer>> Start(const ServeConfig& config, const Backend& backend,
                                                  const RpcLimits& rpc_limits = {});
  // Drains without grace.
  ~RpcServer();
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  uint16_t port() const;
  // Those in force, for the HTTP listener too; null: nobody is asked for one. Thread-safe.
  std::shared_ptr<const Tokens> tokens() const;
  // What health says of the whole server and of each service; SERVING after Start. Thread-safe.
  void SetServing(bool serving);
  // Reads tokens and certificates again. What has a mistake stays as it was, the other applies, and the first
  // mistake is returned. New connections see new certificates, new calls new tokens.
  Result<void> Reload(const ServeConfig& config);
  // Health says NOT_SERVING, new calls get UNAVAILABLE, calls under way may end within `grace`; then they are
  // cancelled and the listener closes. Blocks.
  void Drain(Duration grace);

 private:
  Result<void> ReloadTokens(const ServeConfig& config);
  Result<void> ReloadCertificates(const ServeConfig& config);

  struct State;
  explicit RpcServer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace amont
