#include "server/rpc/client.h"

#include <algorithm>

#include <amont/v1/check_service.grpc.pb.h>
#include <amont/v1/lineage_service.grpc.pb.h>
#include <fmt/format.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>

#include "core/file.h"
#include "core/limits.h"
#include "core/quoted.h"
#include "core/unicode.h"
#include "server/config/serve.h"

namespace amont {

namespace {

struct Target {
  std::string address;  // HOST:PORT
  bool loopback = false;
  bool tls = false;
};

Result<Target> ReadTarget(const ClientOptions& options) {
  Target target;
  std::string text = options.server;
  const bool https = text.starts_with("https://");
  const bool http = text.starts_with("http://");
  if (https || http) text = text.substr(text.find("//") + 2);
  if (text.ends_with('/')) text.pop_back();
  const auto address = ParseListenAddress(text);
  if (!address || address->port == 0 || address->host.empty()) {
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("{} is no address of a service: HOST:PORT, such as 127.0.0.1:7433",
                                 Quoted(options.server)));
  }
  target.address = text;
  target.loopback = address->IsLoopback();
  target.tls =
      https || (!http && (!target.loopback || !options.ca_file.empty() || !options.cert_file.empty()));
  if (!target.tls && !target.loopback && !options.token.empty()) {
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("the token would travel in the clear to {}: use https://{}", text, text));
  }
  if (options.cert_file.empty() != options.key_file.empty()) {
    return MakeError(ErrorCode::kInvalid, "a client certificate needs both its certificate and its key file");
  }
  return target;
}

Result<std::string> ReadPem(const std::string& path) {
  if (path.empty()) return std::string();
  return ReadFile(path, limits::kPemBytesMax);
}

ErrorCode CodeOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return ErrorCode::kInvalid;
    case grpc::StatusCode::NOT_FOUND:
      return ErrorCode::kNotFound;
    case grpc::StatusCode::UNAVAILABLE:
      return ErrorCode::kUnreachable;
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return ErrorCode::kPermission;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ErrorCode::kTimeout;
    case grpc::StatusCode::CANCELLED:
      return ErrorCode::kCancelled;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return ErrorCode::kLimit;
    case grpc::StatusCode::ABORTED:
      return ErrorCode::kBusy;
    case grpc::StatusCode::UNIMPLEMENTED:
      return ErrorCode::kUnsupported;
    default:
      return ErrorCode::kInternal;
  }
}

// What of the details belongs into the sentence.
struct Details {
  std::string reason;
  std::vector<std::string> violations;
  std::optional<int64_t> retry_seconds;
};

Details DetailsOf(const grpc::Status& status) {
  Details details;
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details())) return details;
  for (const google::protobuf::Any& any : rich.details()) {
    if (google::rpc::ErrorInfo info; any.UnpackTo(&info)) details.reason = info.reason();
    if (google::rpc::RetryInfo retry; any.UnpackTo(&retry))
      details.retry_seconds = retry.retry_delay().seconds();
    google::rpc::BadRequest bad;
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      details.violations.push_back(fmt::format("{} {}", violation.field(), violation.description()));
    }
  }
  return details;
}

}  // namespace

Error ToError(const grpc::Status& status, const std::string& server) {
  const Details details = DetailsOf(status);
  const ErrorCode code = CodeOf(status.error_code());
  const std::string said = Printable(status.error_message());
  // Without a reason it was not our service that spoke, but the library or something between.
  if (code == ErrorCode::kUnreachable && details.reason.empty()) {
    return MakeError(code, fmt::format("no service answers at {}: {}", server, said));
  }
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) {
    return MakeError(code,
                     fmt::format("{}: {}; AMONT_TOKEN or AMONT_TOKEN_FILE holds the token", server, said));
  }
  if (code == ErrorCode::kUnsupported && details.reason.empty()) {
    return MakeError(
        code,
        fmt::format("the service at {} does not know this call: it is older than this program", server));
  }
  if (details.violations.size() > 1) {
    return MakeError(code, Printable(fmt::format("{}", fmt::join(details.violations, "; "))));
  }
  if (details.retry_seconds) {
    return MakeError(code, fmt::format("{}; try again in {} s", said, *details.retry_seconds));
  }
  return MakeError(code, said);
}

Result<ClientOptions> FromEnvironment(ClientOptions options, const Environment& environment) {
  const auto fill = [&](std::string& text, const char* name) {
    if (text.empty()) text = environment(name).value_or("");
  };
  fill(options.server, "AMONT_SERVER");
  fill(options.token, "AMONT_TOKEN");
  fill(options.ca_file, "AMONT_CA_FILE");
  fill(options.cert_file, "AMONT_CERT_FILE");
  fill(options.key_file, "AMONT_KEY_FILE");
  if (const auto file = environment("AMONT_TOKEN_FILE"); options.token.empty() && file) {
    AMONT_TRY(const std::string text, ReadFile(*file, limits::kTokensBytesMax));
    options.token = text.substr(0, text.find_first_of("\r\n"));
  }
  return options;
}

struct Client::Channel {
  std::string server;
  std::string token;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::CheckService::Stub> checks;
  std::unique_ptr<v1::LineageService::Stub> lineage;

  void Prepare(grpc::ClientContext& context) const {
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  }

  template <class Response, class Request, class Method>
  Result<Response> Call(Method method, const Request& request, std::stop_token stop) const {
    return CallOf<Response>(*checks, method, request, std::move(stop));
  }

  template <class Response, class Stub, class Request, class Method>
  Result<Response> CallOf(Stub& stub, Method method, const Request& request, std::stop_token stop) const {
    grpc::ClientContext context;
    Prepare(context);
    context.set_deadline(std::chrono::system_clock::now() + kClientDeadline);
    const std::stop_callback cancel(std::move(stop), [&] { context.TryCancel(); });
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return ToError(status, server);
    return response;
  }
};

Client::Client(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

Result<Client> Client::Make(const ClientOptions& options) {
  AMONT_TRY(const Target target, ReadTarget(options));
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (target.tls) {
    grpc::SslCredentialsOptions tls;
    AMONT_TRY(tls.pem_root_certs, ReadPem(options.ca_file));
    AMONT_TRY(tls.pem_cert_chain, ReadPem(options.cert_file));
    AMONT_TRY(tls.pem_private_key, ReadPem(options.key_file));
    credentials = grpc::SslCredentials(tls);
  }
  grpc::ChannelArguments arguments;
  if (target.loopback) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  auto channel = std::make_unique<Channel>();
  channel->server = target.address;
  channel->token = options.token;
  channel->channel = grpc::CreateCustomChannel(target.address, credentials, arguments);
  channel->checks = v1::CheckService::NewStub(channel->channel);
  channel->lineage = v1::LineageService::NewStub(channel->channel);
  return Client(std::move(channel));
}

Result<v1::ListChecksResponse> Client::Call(const v1::ListChecksRequest& request,
                                            std::stop_token stop) const {
  return channel_->Call<v1::ListChecksResponse>(&v1::CheckService::Stub::ListChecks, request,
                                                std::move(stop));
}

Result<v1::GetCheckResponse> Client::Call(const v1::GetCheckRequest& request, std::stop_token stop) const {
  return channel_->Call<v1::GetCheckResponse>(&v1::CheckService::Stub::GetCheck, request, std::move(stop));
}

Result<v1::ListVerdictsResponse> Client::Call(const v1::ListVerdictsRequest& request,
                                              std::stop_token stop) const {
  return channel_->Call<v1::ListVerdictsResponse>(&v1::CheckService::Stub::ListVerdicts, request,
                                                  std::move(stop));
}

Result<v1::ListMeasurementsResponse> Client::Call(const v1::ListMeasurementsRequest& request,
                                                  std::stop_token stop) const {
  return channel_->Call<v1::ListMeasurementsResponse>(&v1::CheckService::Stub::ListMeasurements, request,
                                                      std::move(stop));
}

Result<v1::ExplainPlanResponse> Client::Call(const v1::ExplainPlanRequest& request,
                                             std::stop_token stop) const {
  return channel_->Call<v1::ExplainPlanResponse>(&v1::CheckService::Stub::ExplainPlan, request,
                                                 std::move(stop));
}

Result<v1::ValidateResponse> Client::Call(const v1::ValidateRequest& request, std::stop_token stop) const {
  return channel_->Call<v1::ValidateResponse>(&v1::CheckService::Stub::Validate, request, std::move(stop));
}

Result<v1::GetGraphResponse> Client::Call(const v1::GetGraphRequest& request, std::stop_token stop) const {
  return channel_->CallOf<v1::GetGraphResponse>(*channel_->lineage, &v1::LineageService::Stub::GetGraph,
                                                request, std::move(stop));
}

Result<v1::GetCauseResponse> Client::Call(const v1::GetCauseRequest& request, std::stop_token stop) const {
  return channel_->CallOf<v1::GetCauseResponse>(*channel_->lineage, &v1::LineageService::Stub::GetCause,
                                                request, std::move(stop));
}

Result<v1::IngestEventResponse> Client::Call(const v1::IngestEventRequest& request,
                                             std::stop_token stop) const {
  return channel_->CallOf<v1::IngestEventResponse>(*channel_->lineage, &v1::LineageService::Stub::IngestEvent,
                                                   request, std::move(stop));
}

Result<v1::ImportManifestResponse> Client::ImportManifest(const ManifestImport& import,
                                                          std::stop_token stop) const {
  constexpr size_t kPiece = 1u << 20;
  grpc::ClientContext context;
  channel_->Prepare(context);
  const std::stop_callback cancel(std::move(stop), [&] { context.TryCancel(); });
  v1::ImportManifestResponse response;
  const auto writer = channel_->lineage->ImportManifest(&context, &response);
  const auto send = [&](v1::ManifestPart part, const std::string& text) {
    for (size_t at = 0; at < text.size(); at += kPiece) {
      v1::ImportManifestRequest piece;
      piece.set_part(part);
      piece.set_source(import.source);
      piece.set_content(text.substr(at, kPiece));
      if (!writer->Write(piece)) return false;  // the status says why
    }
    return true;
  };
  const bool sent = send(v1::MANIFEST_PART_MANIFEST, import.manifest) &&
                    send(v1::MANIFEST_PART_CATALOG, import.catalog) &&
                    send(v1::MANIFEST_PART_RUN_RESULTS, import.run_results);
  if (sent) writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return ToError(status, channel_->server);
  return response;
}

Result<void> Client::RunChecks(const v1::RunChecksRequest& request,
                               const std::function<void(const v1::RunChecksResponse&)>& event,
                               std::stop_token stop) const {
  grpc::ClientContext context;
  channel_->Prepare(context);
  const std::stop_callback cancel(std::move(stop), [&] { context.TryCancel(); });
  const auto reader = channel_->checks->RunChecks(&context, request);
  for (v1::RunChecksResponse next; reader->Read(&next);) event(next);
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return ToError(status, channel_->server);
  return {};
}

}  // namespace amont
