// Who may call what: every method with every scope, sources, and tokens that change.

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <array>

#include "tests/server/rpc/service_fixture.h"

namespace amont::testing {
namespace {

using Stub = v1::CheckService::Stub;

// A call of a method by its name, with an empty request.
grpc::Status CallByName(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& authorization) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  if (!authorization.empty()) context.AddMetadata("authorization", authorization);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, "/amont.v1.CheckService/" + method, &queue);
  const auto wait = [&](intptr_t tag) {
    void* got = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&got, &ok));
    EXPECT_EQ(reinterpret_cast<intptr_t>(got), tag);
    return ok;
  };
  call->StartCall(reinterpret_cast<void*>(1));
  if (wait(1)) {
    const grpc::Slice empty;  // a message without fields
    call->WriteLast(grpc::ByteBuffer(&empty, 1), {}, reinterpret_cast<void*>(2));
    wait(2);
    grpc::ByteBuffer answer;
    do call->Read(&answer, reinterpret_cast<void*>(3));
    while (wait(3));
  }
  grpc::Status status;
  call->Finish(&status, reinterpret_cast<void*>(4));
  wait(4);
  return status;
}

class Admissions : public ServiceFixture {
 protected:
  // Tokens called after their one scope; what they are is "token-SCOPE".
  void StartWithTokens() {
    WriteTokens("");
    ServeConfig serve;
    serve.grpc.port = 0;
    serve.tokens_file = dir_.Path("tokens.toml");
    serve_ = serve;
    Start(serve);
  }
  void WriteTokens(const std::string& more) {
    std::string text;
    for (const auto& [scope, digest] : kDigests) {
      text += "[[token]]\nname = \"" + std::string(scope) + "\"\nsha256 = \"" + digest + "\"\nscopes = [\"" +
              scope + "\"]\n";
    }
    dir_.Write("tokens.toml", text + more);
  }

  // SHA-256 of "token-SCOPE".
  static constexpr std::array<std::pair<const char*, const char*>, 5> kDigests = {{
      {"read", "990252273aeedbafc14b317b19e00ceb178afff6e76bfb0f224e9dda3b3eb50a"},
      {"run", "cf3f8d583c9192a0b9a08c483385f997366196b079e31f011b47192830a9da8c"},
      {"incidents", "14099a673eec1e4eb84a6367a50930d9bb622f1544908725fb2296df60a7d270"},
      {"lineage", "8a06ad12297f63a1b1d348948f717b8e464b79d13c3ad3e38afeb6c87ddd70b6"},
      {"admin", "00f5f9625c49504b0776853a9cd04aa7a75f26b4760fc7fd555437b111b54390"},
  }};
  static constexpr const char* kShopDigest =
      "6c571c63a535a95a942da361a7ba0b420ea084e3ed703a62354ddc185ce4adfe";
  static constexpr const char* kLaterDigest =
      "36ad0c97278f51491380b14c11e68fab38076c033f50748523c8aff0139d22dd";
  ServeConfig serve_;
};

// What each method asks for. A method that is added needs its row here.
const std::map<std::string, std::string> kScopes = {
    {"ListChecks", "read"},       {"GetCheck", "read"},    {"RunChecks", "run"}, {"ListVerdicts", "read"},
    {"ListMeasurements", "read"}, {"ExplainPlan", "read"}, {"Validate", "read"},
};

TEST_F(Admissions, EveryMethodAsksForItsScopeAndNoOther) {
  StartWithTokens();
  const auto channel = Connect();
  const google::protobuf::ServiceDescriptor* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("amont.v1.CheckService");
  ASSERT_TRUE(service);
  ASSERT_EQ(static_cast<size_t>(service->method_count()), kScopes.size());
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string& method = service->method(i)->name();
    ASSERT_TRUE(kScopes.contains(method)) << method;
    for (const auto& [scope, digest] : kDigests) {
      const grpc::Status status = CallByName(channel, method, "Bearer token-" + std::string(scope));
      if (scope == kScopes.at(method)) {
        EXPECT_NE(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << method << " " << scope;
        EXPECT_NE(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method << " " << scope;
      } else {
        EXPECT_EQ(CodeOf(status), "PERMISSION_DENIED SCOPE_MISSING") << method << " " << scope;
        EXPECT_EQ(DetailsOf(status).metadata,
                  (std::map<std::string, std::string>{{"scope", kScopes.at(method)}, {"token", scope}}));
      }
    }
    EXPECT_EQ(CodeOf(CallByName(channel, method, "")), "UNAUTHENTICATED TOKEN_MISSING") << method;
    EXPECT_EQ(CodeOf(CallByName(channel, method, "Bearer token")), "UNAUTHENTICATED TOKEN_UNKNOWN") << method;
    EXPECT_EQ(CodeOf(CallByName(channel, method, "Basic eDp5")), "UNAUTHENTICATED TOKEN_MALFORMED") << method;
  }
}

TEST_F(Admissions, WithoutTokensNobodyIsAsked) {
  Start();
  for (const auto& [method, scope] : kScopes) {
    const grpc::Status status = CallByName(Connect(), method, "");
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method;
  }
}

TEST_F(Admissions, ATokenSeesItsSourcesOnly) {
  StartWithTokens();
  WriteTokens("[[token]]\nname = \"shop\"\nsha256 = \"" + std::string(kShopDigest) +
              "\"\nscopes = [\"read\", \"run\"]\nsources = [\"shop\"]\n");
  ASSERT_TRUE(server_->Reload(serve_).has_value());
  const std::string token = "token-shop";
  v1::ListChecksRequest list;
  v1::ListChecksResponse checks;
  ASSERT_TRUE(Call(&Stub::ListChecks, list, checks, token).ok());
  EXPECT_GT(checks.checks_size(), 0);
  for (const v1::Check& check : checks.checks()) EXPECT_EQ(check.source(), "shop");
  list.mutable_selection()->add_sources("lab");
  EXPECT_EQ(CodeOf(Call(&Stub::ListChecks, list, checks, token)), "PERMISSION_DENIED SOURCE_DENIED");

  v1::GetCheckRequest get;
  v1::GetCheckResponse check;
  get.set_id("lab/samples:volume");
  EXPECT_EQ(CodeOf(Call(&Stub::GetCheck, get, check, token)), "PERMISSION_DENIED SOURCE_DENIED");
  get.set_id("lab/nothing:volume");
  EXPECT_EQ(CodeOf(Call(&Stub::GetCheck, get, check, token)), "PERMISSION_DENIED SOURCE_DENIED")
      << "nor whether there is one";
  get.set_id("shop/orders:volume");
  EXPECT_TRUE(Call(&Stub::GetCheck, get, check, token).ok());

  const Timestamp at = ParseTimestamp("2026-11-24T06:00:00Z").value();
  Record("r1", ConclusionOf("lab/samples", Status::kFail, at), at);
  Record("r2", ConclusionOf("shop/orders", Status::kFail, at), at);
  v1::ListVerdictsRequest verdicts;
  v1::ListVerdictsResponse listed;
  ASSERT_TRUE(Call(&Stub::ListVerdicts, verdicts, listed, token).ok());
  EXPECT_GT(listed.verdicts_size(), 0);
  for (const v1::Verdict& verdict : listed.verdicts()) EXPECT_TRUE(verdict.check().starts_with("shop/"));
  verdicts.set_table("lab/samples");
  EXPECT_EQ(CodeOf(Call(&Stub::ListVerdicts, verdicts, listed, token)), "PERMISSION_DENIED SOURCE_DENIED");
  v1::ListMeasurementsRequest measurements;
  v1::ListMeasurementsResponse points;
  measurements.set_check("lab/samples:volume");
  EXPECT_EQ(CodeOf(Call(&Stub::ListMeasurements, measurements, points, token)),
            "PERMISSION_DENIED SOURCE_DENIED");

  run_ = [&](const RunOrder& order, const RunSink&, const std::stop_token&) -> Result<RunSummary> {
    ordered_.With([&](RunOrder& seen) { seen = order; });
    return order.request_id == "r1" ? Result<RunSummary>(MakeError(ErrorCode::kBusy, "")) : RunSummary();
  };
  EXPECT_TRUE(Run({}, token).status.ok());
  EXPECT_EQ(ordered_.With([](const RunOrder& seen) { return seen.selection.sources; }),
            std::vector<std::string>{"shop"});
  v1::RunChecksRequest again;
  again.set_request_id("r1");
  EXPECT_EQ(Run(again, token).Kinds(), "accepted summary") << "of another's run it sees only its own tables";
}

TEST_F(Admissions, TokensAreReadAgainAndABadFileChangesNothing) {
  StartWithTokens();
  v1::ListChecksResponse checks;
  const auto code = [&](const std::string& token) {
    return CodeOf(Call(&Stub::ListChecks, v1::ListChecksRequest(), checks, token));
  };
  EXPECT_EQ(code("token-later"), "UNAUTHENTICATED TOKEN_UNKNOWN");
  dir_.Write("tokens.toml", "[[token]]\nname = \"later\"\nsha256 = \"" + std::string(kLaterDigest) +
                                "\"\nscopes = [\"read\"]\n");
  EXPECT_EQ(code("token-later"), "UNAUTHENTICATED TOKEN_UNKNOWN") << "only a reload reads it";
  ASSERT_TRUE(server_->Reload(serve_).has_value());
  EXPECT_EQ(code("token-later"), "OK");
  EXPECT_EQ(code("token-read"), "UNAUTHENTICATED TOKEN_UNKNOWN");
  dir_.Write("tokens.toml", "[[token]]\nname = \"broken\"\n");
  const auto reloaded = server_->Reload(serve_);
  ASSERT_FALSE(reloaded.has_value());
  EXPECT_NE(reloaded.error().message.find("tokens.toml:1"), std::string::npos) << reloaded.error().message;
  EXPECT_EQ(code("token-later"), "OK");
}

TEST_F(Admissions, ARunIsLoggedWithTheNameOfItsToken) {
  StartWithTokens();
  v1::RunChecksRequest request;
  request.set_request_id("nightly-1");
  request.mutable_selection()->add_tables("orders");
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(Run(request, "token-run").status.ok());
  const std::string log = ::testing::internal::GetCapturedStderr();
  for (const char* part : {"run requested", "token=run", "request_id=nightly-1", "selection=orders"}) {
    EXPECT_NE(log.find(part), std::string::npos) << part << " in " << log;
  }
  EXPECT_EQ(log.find("token-run"), std::string::npos) << "never the token itself";
}

}  // namespace
}  // namespace amont::testing
