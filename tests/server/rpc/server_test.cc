// The listener itself: health, reflection, addresses, limits, and bytes that are no calls.

#include "server/rpc/server.h"

#include <arpa/inet.h>
#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <thread>

#include "core/limits.h"
#include "tests/server/rpc/service_fixture.h"
#include "tests/testing/paths.h"
#include "tests/testing/process.h"

namespace amont::testing {
namespace {

using Stub = v1::CheckService::Stub;
using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

ServeConfig Loopback() { return {{"127.0.0.1", 0}, {"127.0.0.1", 0}, {}, "", false}; }

class Server : public ServiceFixture {
 protected:
  grpc::Status List() {
    v1::ListChecksResponse response;
    return Call(&Stub::ListChecks, v1::ListChecksRequest(), response);
  }
  // What reflection and health say to a program that has no .proto at hand.
  ProcessResult BufCurl(const std::string& method, const std::string& data) {
    return RunProgram({SourcePath(".deps/buf/buf").string(), "curl", "--protocol", "grpc",
                       "--http2-prior-knowledge", "-d", data, "http://" + Address() + "/" + method},
                      {.env = {{"http_proxy", ""}, {"HTTP_PROXY", ""}}, .input = "", .directory = ""});
  }
};

TEST_F(Server, HealthSaysServingUntilTheDrain) {
  Start();
  const auto channel = Connect();
  const auto health = Health::NewStub(channel);
  const auto status_of = [&](const std::string& service) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status status = health->Check(&context, request, &response);
    return status.ok() ? response.status() : HealthCheckResponse::SERVICE_UNKNOWN;
  };
  EXPECT_EQ(status_of(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(status_of("amont.v1.CheckService"), HealthCheckResponse::SERVING);
  EXPECT_EQ(status_of("nobody"), HealthCheckResponse::SERVICE_UNKNOWN);
  server_->SetServing(false);
  EXPECT_EQ(status_of(""), HealthCheckResponse::NOT_SERVING);
  server_->SetServing(true);

  grpc::ClientContext context;
  const auto watch = health->Watch(&context, {});
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  std::jthread draining([&] { server_->Drain(Duration(0)); });
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING) << "watchers hear of the drain";
  EXPECT_FALSE(watch->Read(&response));
  watch->Finish();
}

TEST_F(Server, ReflectionDescribesTheContractAndHealth) {
  if (!std::filesystem::exists(SourcePath(".deps/buf/buf"))) {
    GTEST_SKIP() << "no buf in .deps: .ci/setup test unpacks it";
  }
  Start();
  const ProcessResult health = BufCurl("grpc.health.v1.Health/Check", "{}");
  EXPECT_EQ(health.exit_code, 0) << health.err;
  EXPECT_NE(health.out.find("SERVING"), std::string::npos) << health.out;
  const ProcessResult check = BufCurl("amont.v1.CheckService/GetCheck", R"({"id": "shop/orders:volume"})");
  EXPECT_EQ(check.exit_code, 0) << check.err;
  EXPECT_NE(check.out.find(R"("kind": "volume")"), std::string::npos) << check.out;
  const ProcessResult unknown = BufCurl("amont.v1.CheckService/GetCheck", R"({"id": "shop/orders:volum"})");
  EXPECT_NE(unknown.exit_code, 0);
  EXPECT_NE(unknown.err.find("google.rpc.ErrorInfo"), std::string::npos)
      << "the details are readable: " << unknown.err;
}

TEST_F(Server, AnAddressIsListenedAtOnce) {
  Start();
  ServeConfig same = Loopback();
  same.grpc.port = server_->port();
  const auto second = RpcServer::Start(same, *backend_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_TRUE(List().ok());
}

TEST_F(Server, OthersReachItOnlyWithTlsAndTokens) {
  ServeConfig open = Loopback();
  open.grpc.host = "0.0.0.0";
  EXPECT_EQ(RpcServer::Start(open, *backend_).error().code, ErrorCode::kInvalid);
  open.insecure = true;
  EXPECT_TRUE(RpcServer::Start(open, *backend_).has_value());
}

TEST_F(Server, AMessageTooLargeIsRefused) {
  Start();
  v1::ValidateRequest request;
  request.add_files()->set_name("a.toml");
  request.mutable_files(0)->set_content(std::string(limits::kRpcMessageBytesMax + 1, '#'));
  v1::ValidateResponse response;
  EXPECT_EQ(CodeOf(Call(&Stub::Validate, request, response)), "RESOURCE_EXHAUSTED");
  EXPECT_TRUE(List().ok());
}

TEST_F(Server, MoreCallsThanThreadsAreRefusedAndTheOthersEnd) {
  std::atomic<int> inside = 0;
  explain_ = [&](const Selection&, const std::set<std::string>&,
                 const std::stop_token&) -> Result<Explanation> {
    if (++inside == 3) began_.Set();
    EXPECT_TRUE(release_.Wait());
    return Explanation();
  };
  Start(Loopback(), {.threads = 5, .runs = 1});
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 3; ++i) {
      callers.emplace_back([&] {
        v1::ExplainPlanResponse response;
        good += Call(&Stub::ExplainPlan, v1::ExplainPlanRequest(), response).ok();
      });
    }
    ASSERT_TRUE(began_.Wait());
    std::vector<std::jthread> more;
    Event refused;
    for (int i = 0; i < 4; ++i) {
      more.emplace_back([&] {
        v1::ExplainPlanResponse response;
        const grpc::Status status = Call(&Stub::ExplainPlan, v1::ExplainPlanRequest(), response);
        if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) refused.Set();
      });
    }
    EXPECT_TRUE(refused.Wait());
    release_.Set();
  }
  EXPECT_EQ(good, 3);
  EXPECT_TRUE(List().ok());
}

TEST_F(Server, MalformedMessagesAreRefused) {
  Start();
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::string bytes(random() % 200 + 1, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const grpc::Slice slice(bytes);
    for (const char* method : {"ListChecks", "GetCheck", "ListVerdicts", "Validate", "Nothing"}) {
      grpc::GenericStub stub(Connect());
      grpc::ClientContext context;
      Authorize(context, "");
      grpc::CompletionQueue queue;
      const auto call = stub.PrepareUnaryCall(&context, std::string("/amont.v1.CheckService/") + method,
                                              grpc::ByteBuffer(&slice, 1), &queue);
      call->StartCall();
      grpc::ByteBuffer answer;
      grpc::Status status;
      call->Finish(&answer, &status, nullptr);
      void* tag = nullptr;
      bool ok = false;
      ASSERT_TRUE(queue.Next(&tag, &ok));
      if (std::string(method) == "Nothing") {
        EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
      }
    }
  }
  EXPECT_TRUE(List().ok());
}

TEST_F(Server, BytesThatAreNoHttpEndTheirOwnConnectionOnly) {
  Start();
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(100'000, '\xff'),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string(9, '\xff')}) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port());
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    ASSERT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ::shutdown(socket, SHUT_WR);
    char buffer[4096];
    while (::recv(socket, buffer, sizeof buffer, 0) > 0) {
    }
    ::close(socket);
    EXPECT_TRUE(List().ok());
  }
}

}  // namespace
}  // namespace amont::testing
