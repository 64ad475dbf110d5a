#include "tests/server/rpc/service_fixture.h"

#include <google/rpc/status.pb.h>

#include "server/rpc/status.h"

namespace amont::testing {

namespace {

constexpr auto kPatience = std::chrono::seconds(60);

constexpr const char* kConfig = R"(
[source.shop]
url = "sqlite:shop.db"
[source.lab]
url = "sqlite:lab.db"
[owner.finance]
contact = "#finance"
)";

constexpr const char* kDeclared = R"(
[[table]]
name   = "orders"
source = "shop"
owner  = "finance"
tags   = ["nightly"]
tier   = 1
volume = { min = 10 }
not_null = ["id"]

[[table]]
name   = "samples"
source = "lab"
volume = { min = 1 }
)";

}  // namespace

void Event::Set() {
  set_.With([&](bool& set) {
    set = true;
    set_.Notify();  // under the lock: whoever saw it may end this object
  });
}

bool Event::Wait() {
  return set_.WaitUntil(std::chrono::steady_clock::now() + kPatience, [](bool set) { return set; });
}

bool Event::happened() const {
  return set_.With([](bool set) { return set; });
}

Details DetailsOf(const grpc::Status& status) {
  Details details;
  google::rpc::Status rich;
  EXPECT_TRUE(rich.ParseFromString(status.error_details()));
  for (const google::protobuf::Any& any : rich.details()) {
    if (google::rpc::ErrorInfo info; any.UnpackTo(&info)) {
      EXPECT_EQ(info.domain(), "amont");
      details.reason = info.reason();
      details.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (google::rpc::BadRequest bad; any.UnpackTo(&bad)) {
      for (const auto& one : bad.field_violations()) {
        details.violations.push_back(one.field() + ": " + one.description());
      }
    } else if (google::rpc::ResourceInfo resource; any.UnpackTo(&resource)) {
      details.resource = resource.resource_type() + " " + resource.resource_name();
    } else if (google::rpc::RetryInfo retry; any.UnpackTo(&retry)) {
      details.retry = true;
    } else {
      ADD_FAILURE() << "unknown detail " << any.type_url();
    }
  }
  return details;
}

std::string CodeOf(const grpc::Status& status) {
  const std::string reason = status.error_details().empty() ? "" : DetailsOf(status).reason;
  return std::string(amont::ToString(status.error_code())) + (reason.empty() ? "" : " " + reason);
}

ServiceFixture::ServiceFixture() {
  dir_.Write("amont.toml", kConfig);
  dir_.Write("checks/shop.toml", kDeclared);
  Diagnostics diagnostics;
  auto config = LoadConfig(dir_.Path("amont.toml"), ProcessEnvironment(), diagnostics);
  EXPECT_TRUE(config && !diagnostics.HasErrors()) << RenderText(diagnostics, false);
  auto declared = std::make_shared<const Config>(std::move(*config));
  states_.Replace(declared->declarations.checks, declared->surroundings.owners);
  states_.Load({});
  config_ = std::make_unique<Published<Config>>(std::move(declared));
  auto store = OpenStore("sqlite:" + dir_.Path("store.db"), StoreMode::kWrite);
  EXPECT_TRUE(store.has_value());
  store_ = std::move(*store);
  run_ = [](const RunOrder&, const RunSink&, const std::stop_token&) -> Result<RunSummary> {
    return RunSummary();
  };
  explain_ = [](const Selection&, const std::set<std::string>&,
                const std::stop_token&) -> Result<Explanation> { return Explanation(); };
  validate_ = [](const std::vector<std::shared_ptr<const SourceText>>&) { return Diagnostics(); };
  backend_ = std::make_unique<Backend>(Backend{
      *config_, states_, *store_,
      [this](const RunOrder& order, const RunSink& sink, std::stop_token stop) {
        return run_.Get()(order, sink, std::move(stop));
      },
      [this](const Selection& selection, const std::set<std::string>& disabled, std::stop_token stop) {
        return explain_.Get()(selection, disabled, std::move(stop));
      },
      [this](const std::vector<std::shared_ptr<const SourceText>>& files) { return validate_.Get()(files); },
      [this](std::string_view method, std::string_view code, Duration) {
        handled_.With([&](auto& handled) { ++handled[std::string(method) + " " + std::string(code)]; });
        handled_.Notify();
      }});
}

ServiceFixture::~ServiceFixture() { Stop(); }

void ServiceFixture::Start(ServeConfig serve, RpcLimits rpc_limits) {
  Stop();
  auto server = RpcServer::Start(serve, *backend_, rpc_limits);
  ASSERT_TRUE(server.has_value()) << server.error().message;
  server_ = std::move(*server);
  stub_ = Stub(Connect());
}

void ServiceFixture::Stop() {
  stub_.reset();
  server_.reset();
}

std::string ServiceFixture::Address() const { return "127.0.0.1:" + std::to_string(server_->port()); }

std::shared_ptr<grpc::Channel> ServiceFixture::Connect(std::shared_ptr<grpc::ChannelCredentials> credentials,
                                                       const std::string& name) const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL,
                   1);  // a connection of its own, not one of an earlier test
  if (!name.empty()) arguments.SetSslTargetNameOverride(name);
  return grpc::CreateCustomChannel(Address(), credentials, arguments);
}

std::unique_ptr<v1::CheckService::Stub> ServiceFixture::Stub(
    const std::shared_ptr<grpc::Channel>& channel) const {
  return v1::CheckService::NewStub(channel);
}

void ServiceFixture::Authorize(grpc::ClientContext& context, const std::string& token) {
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
}

ServiceFixture::Ran ServiceFixture::Run(const v1::RunChecksRequest& request, const std::string& token) {
  grpc::ClientContext context;
  Authorize(context, token);
  const auto reader = stub_->RunChecks(&context, request);
  Ran ran;
  for (v1::RunChecksResponse event; reader->Read(&event);) ran.events.push_back(event);
  ran.status = reader->Finish();
  return ran;
}

std::string ServiceFixture::Ran::Kinds() const {
  std::string kinds;
  for (const v1::RunChecksResponse& event : events) {
    const auto* field = v1::RunChecksResponse::descriptor()->FindFieldByNumber(event.event_case());
    kinds += (kinds.empty() ? "" : " ") + field->name();
  }
  return kinds;
}

CheckPtr ServiceFixture::CheckOf(const std::string& id) const {
  for (const CheckPtr& check : config_->Get()->declarations.checks) {
    if (check->id == id) return check;
  }
  ADD_FAILURE() << "no check " << id;
  return nullptr;
}

Conclusion ServiceFixture::ConclusionOf(const std::string& table, Status status, Timestamp at) const {
  Conclusion conclusion;
  for (const CheckPtr& check : config_->Get()->declarations.checks) {
    if (check->table->name.Full() != table) continue;
    conclusion.table = check->table;
    Verdict verdict;
    verdict.check = check;
    verdict.status = status;
    verdict.at = at;
    verdict.observed = int64_t{42};
    verdict.sentence = "42 rows";
    if (status == Status::kError) verdict.error = MakeError(ErrorCode::kTimeout, "too slow");
    conclusion.verdicts.push_back(std::move(verdict));
  }
  EXPECT_TRUE(conclusion.table) << table;
  return conclusion;
}

RunId ServiceFixture::Record(const std::string& key, const Conclusion& conclusion, Timestamp at) {
  const auto claimed = store_->ClaimRun({std::string(kRequestTrigger), key, at});
  EXPECT_TRUE(claimed.has_value());
  if (!claimed) return 0;
  EXPECT_TRUE(store_->RecordTables(*claimed, std::span(&conclusion, 1)).has_value());
  EXPECT_TRUE(store_->FinishRun(*claimed, at + std::chrono::seconds(1)).has_value());
  states_.Apply(std::span(&conclusion, 1));
  return claimed->id;
}

}  // namespace amont::testing
