#include "server/rpc/server.h"

#include <chrono>
#include <mutex>

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include <grpc/health/v1/health.pb.h>

#include "core/limits.h"
#include "core/log.h"
#include "server/rpc/certificates.h"
#include "server/rpc/check_service.h"
#include "server/rpc/lineage_service.h"

namespace amont {

namespace {

constexpr auto kCloseAfter = std::chrono::milliseconds(100);  // for those who only listen to health

// What the library would write to standard error by itself.
void LogOfGrpc(gpr_log_func_args* said) { Log(LogLevel::kWarn, "gRPC", {{"said", said->message}}); }

// A request that is no message: the caller is told, we need not be.
void LogOfProtobuf(google::protobuf::LogLevel, const char*, int, const std::string& said) {
  Log(LogLevel::kDebug, "protobuf", {{"said", said}});
}

void PrepareLibrary() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function(LogOfGrpc);
    google::protobuf::SetLogHandler(LogOfProtobuf);
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
  // Links the description of the health service in: reflection describes what is linked.
  grpc::health::v1::HealthCheckRequest::descriptor();
}

// Neither listener may lose them where other machines can reach it.
Result<std::shared_ptr<const Tokens>> TokensOf(const ServeConfig& config) {
  if (!config.tokens_file.empty()) return LoadTokens(config.tokens_file);
  if (config.insecure || (config.grpc.IsLoopback() && config.http.IsLoopback())) {
    return std::shared_ptr<const Tokens>();
  }
  return MakeError(ErrorCode::kInvalid, "[serve]: other machines can reach this listener; it needs `auth`");
}

Result<std::shared_ptr<const Certificates>> CertificatesOf(const ServeConfig& config) {
  if (!config.tls) return std::shared_ptr<const Certificates>();
  return ReadCertificates(*config.tls);
}

}  // namespace

struct RpcServer::State {
  State(const Backend& backend, const RpcLimits& rpc_limits, std::shared_ptr<const Tokens> tokens,
        std::shared_ptr<const Certificates> read)
      : certificates(read ? std::make_shared<Published<Certificates>>(std::move(read)) : nullptr),
        credentials(certificates ? MakeServerCredentials(certificates) : grpc::InsecureServerCredentials()),
        admission(std::move(tokens)),
        feeds(backend.run, rpc_limits.runs),
        checks(backend, admission, feeds),
        lineage(backend, admission) {}

  const std::shared_ptr<Published<Certificates>> certificates;  // null: no TLS
  const std::shared_ptr<grpc::ServerCredentials>
      credentials;  // outlives the server, which asks it at each handshake
  Admission admission;
  RunFeeds feeds;
  CheckService checks;
  LineageService lineage;
  std::unique_ptr<grpc::Server> server;  // destroyed first
  int port = 0;
};

RpcServer::RpcServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

RpcServer::~RpcServer() { Drain(Duration(0)); }

Result<std::unique_ptr<RpcServer>> RpcServer::Start(const ServeConfig& config, const Backend& backend,
                                                    const RpcLimits& rpc_limits) {
  if (!config.grpc.IsLoopback() && !config.insecure && (!config.tls || config.tokens_file.empty())) {
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("other machines can reach {}: that needs tls and auth", config.grpc.Text()));
  }
  AMONT_TRY(auto tokens, TokensOf(config));
  AMONT_TRY(auto certificates, CertificatesOf(config));
  PrepareLibrary();
  auto state = std::make_unique<State>(backend, rpc_limits, std::move(tokens), std::move(certificates));

  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota("amont");
  quota.SetMaxThreads(rpc_limits.threads);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(limits::kRpcMessageBytesMax);
  builder.SetMaxSendMessageSize(limits::kRpcMessageBytesMax);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a second server would share the port in silence
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 2 * rpc_limits.threads);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);  // a caller whose machine died is noticed
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddListeningPort(config.grpc.Text(), state->credentials, &state->port);
  builder.RegisterService(&state->checks);
  if (backend.lineage.graph) builder.RegisterService(&state->lineage);
  state->server = builder.BuildAndStart();
  if (!state->server || state->port == 0) {
    return MakeError(
        ErrorCode::kBusy,
        fmt::format("cannot listen at {}: another process does, or it is no address of this machine",
                    config.grpc.Text()));
  }
  std::unique_ptr<RpcServer> server(new RpcServer(std::move(state)));
  server->SetServing(true);
  return server;
}

uint16_t RpcServer::port() const { return static_cast<uint16_t>(state_->port); }

std::shared_ptr<const Tokens> RpcServer::tokens() const { return state_->admission.tokens(); }

void RpcServer::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = state_->server->GetHealthCheckService();
  health->SetServingStatus("", serving);
  health->SetServingStatus(v1::CheckService::service_full_name(), serving);
  health->SetServingStatus(v1::LineageService::service_full_name(), serving);
}

Result<void> RpcServer::Reload(const ServeConfig& config) {
  const Result<void> tokens = ReloadTokens(config);
  const Result<void> certificates = ReloadCertificates(config);
  return tokens ? certificates : tokens;
}

Result<void> RpcServer::ReloadTokens(const ServeConfig& config) {
  AMONT_TRY(auto tokens, TokensOf(config));
  state_->admission.SetTokens(std::move(tokens));
  return {};
}

Result<void> RpcServer::ReloadCertificates(const ServeConfig& config) {
  AMONT_TRY(auto certificates, CertificatesOf(config));
  const bool was_mutual = state_->certificates && !state_->certificates->Get()->client_ca.empty();
  const bool is_mutual = certificates && !certificates->client_ca.empty();
  if ((certificates != nullptr) != (state_->certificates != nullptr) || was_mutual != is_mutual) {
    return MakeError(ErrorCode::kInvalid,
                     "[serve]: turning tls or client certificates on or off needs a restart");
  }
  if (certificates) state_->certificates->Set(std::move(certificates));
  return {};
}

void RpcServer::Drain(Duration grace) {
  if (!state_->server) return;
  SetServing(false);
  state_->feeds.Close();
  state_->admission.Drain(grace);
  state_->server->Shutdown(std::chrono::system_clock::now() + kCloseAfter);
  state_->server->Wait();
}

}  // namespace amont
