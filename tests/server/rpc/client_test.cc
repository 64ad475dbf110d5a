// The commands' client: where it connects, what it sends, and its errors as sentences.

#include "server/rpc/client.h"

#include <thread>

#include "core/limits.h"
#include "tests/server/rpc/certificate_maker.h"
#include "tests/server/rpc/service_fixture.h"

namespace amont::testing {
namespace {

class Clients : public ServiceFixture {
 protected:
  Client To(ClientOptions options) {
    if (options.server.empty()) options.server = Address();
    auto client = Client::Make(options);
    EXPECT_TRUE(client.has_value());
    return std::move(*client);
  }
  static Error WhyNot(const ClientOptions& options) {
    const auto client = Client::Make(options);
    return client ? Error() : client.error();
  }
};

TEST_F(Clients, CallsAndRunsGiveWhatTheServiceSays) {
  Start();
  const Client client = To({});
  const auto checks = client.Call(v1::ListChecksRequest(), {});
  ASSERT_TRUE(checks.has_value());
  EXPECT_GT(checks->checks_size(), 0);
  EXPECT_TRUE(client.Call(v1::ListVerdictsRequest(), {}).has_value());
  EXPECT_TRUE(client.Call(v1::ExplainPlanRequest(), {}).has_value());
  std::string last;
  ASSERT_TRUE(client
                  .RunChecks({},
                             [&](const v1::RunChecksResponse& event) {
                               last = event.has_summary() ? "summary" : "other";
                             },
                             {})
                  .has_value());
  EXPECT_EQ(last, "summary");
}

TEST_F(Clients, ErrorsSayWhatIsWrongAndWhatToDo) {
  Start();
  const Client client = To({});
  v1::GetCheckRequest get;
  get.set_id("shop/orders:volum");
  const auto unknown = client.Call(get, {});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(unknown.error().message,
            "there is no check `shop/orders:volum`; did you mean `shop/orders:volume`?");
  v1::ListMeasurementsRequest measurements;
  measurements.set_page_token("x");
  const auto invalid = client.Call(measurements, {});
  ASSERT_FALSE(invalid.has_value());
  EXPECT_EQ(invalid.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(invalid.error().message, "check is empty; page_token is not of a page of this listing");
  run_ = [](const RunOrder&, const RunSink&, const std::stop_token&) -> Result<RunSummary> {
    return MakeError(ErrorCode::kBusy, "");
  };
  const auto elsewhere = client.RunChecks({}, [](const auto&) {}, {});
  ASSERT_FALSE(elsewhere.has_value());
  EXPECT_EQ(elsewhere.error().code, ErrorCode::kBusy);
  EXPECT_TRUE(elsewhere.error().message.ends_with("; try again in 5 s")) << elsewhere.error().message;
}

TEST_F(Clients, NobodyThereIsUnreachable) {
  Start();
  const std::string address = Address();
  Stop();
  const auto nobody = To({.server = address}).Call(v1::ListChecksRequest(), {});
  ASSERT_FALSE(nobody.has_value());
  EXPECT_EQ(nobody.error().code, ErrorCode::kUnreachable);
  EXPECT_TRUE(nobody.error().message.starts_with("no service answers at " + address + ": "))
      << nobody.error().message;
}

TEST_F(Clients, ATokenIsSentAndItsLackExplained) {
  dir_.Write(
      "tokens.toml",
      "[[token]]\nname = \"ci\"\n"
      "sha256 = \"d7ecdf25eaf3deba0f2628771dbdd22d4138ab6cf38f91ed02a2ca0dec7c8ab7\"\nscopes = [\"read\"]\n");
  ServeConfig serve;
  serve.grpc.port = 0;
  serve.tokens_file = dir_.Path("tokens.toml");
  Start(serve);
  EXPECT_TRUE(To({.token = "open-sesame"}).Call(v1::ListChecksRequest(), {}).has_value());
  const auto missing = To({}).Call(v1::ListChecksRequest(), {});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kPermission);
  EXPECT_NE(missing.error().message.find("AMONT_TOKEN"), std::string::npos) << missing.error().message;
  const auto scope = To({.token = "open-sesame"}).RunChecks({}, [](const auto&) {}, {});
  ASSERT_FALSE(scope.has_value());
  EXPECT_EQ(scope.error().message, "token `ci` lacks the scope `run`");
}

TEST_F(Clients, TlsIsSpokenWithTheCertificatesNamed) {
  const CertificateMaker authority("authority");
  const CertificateMaker::Pair server = authority.Issue("localhost");
  const CertificateMaker::Pair own = authority.Issue("cli");
  ServeConfig serve;
  serve.grpc.port = 0;
  serve.tls = TlsConfig{dir_.Write("server.pem", server.certificate), dir_.Write("server.key", server.key),
                        dir_.Write("ca.pem", authority.Authority())};
  Start(serve);
  ClientOptions options;
  options.server = "https://localhost:" + std::to_string(server_->port());
  options.ca_file = dir_.Path("ca.pem");
  const auto without = To(options).Call(v1::ListChecksRequest(), {});
  ASSERT_FALSE(without.has_value());
  EXPECT_EQ(without.error().code, ErrorCode::kUnreachable);
  options.cert_file = dir_.Write("cli.pem", own.certificate);
  options.key_file = dir_.Write("cli.key", own.key);
  const auto with = To(options).Call(v1::ListChecksRequest(), {});
  EXPECT_TRUE(with.has_value()) << with.error().message;
}

TEST_F(Clients, OptionsThatMakeNoSenseAreRefused) {
  for (const char* server : {"", "nowhere", "127.0.0.1:0", ":7433", "ftp://127.0.0.1:1", "127.0.0.1:99999"}) {
    EXPECT_EQ(WhyNot({.server = server}).code, ErrorCode::kInvalid) << server;
  }
  EXPECT_NE(WhyNot({.server = "http://amont.example:7433", .token = "secret"}).message.find("in the clear"),
            std::string::npos);
  EXPECT_EQ(WhyNot({.server = "https://amont.example:7433", .token = "secret"}), Error());
  EXPECT_EQ(WhyNot({.server = "amont.example:7433", .token = "secret"}), Error()) << "TLS elsewhere";
  EXPECT_EQ(WhyNot({.server = "localhost:7433", .cert_file = "a.pem"}).code, ErrorCode::kInvalid);
  EXPECT_EQ(WhyNot({.server = "localhost:7433", .ca_file = dir_.Path("absent.pem")}).code,
            ErrorCode::kNotFound);
}

TEST_F(Clients, TheEnvironmentFillsWhatIsEmpty) {
  const std::string file = dir_.Write("token", "from-file\n");
  std::map<std::string, std::string> variables = {{"AMONT_SERVER", "localhost:1"},
                                                  {"AMONT_TOKEN_FILE", file}};
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  auto options = FromEnvironment({}, environment);
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->server, "localhost:1");
  EXPECT_EQ(options->token, "from-file");
  variables["AMONT_TOKEN"] = "nearer";
  options = FromEnvironment({.server = "localhost:2"}, environment);
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->server, "localhost:2");
  EXPECT_EQ(options->token, "nearer");
}

TEST_F(Clients, AStopEndsACall) {
  run_ = [&](const RunOrder&, const RunSink&, const std::stop_token& stop) -> Result<RunSummary> {
    const std::stop_callback on_stop(stop, [&] { stopped_.Set(); });
    began_.Set();
    EXPECT_TRUE(stopped_.Wait());
    return MakeError(ErrorCode::kCancelled, "stopped");
  };
  Start();
  std::stop_source stop;
  Result<void> ended = {};
  std::jthread running([&] {
    ended = To({}).RunChecks(
        {}, [](const auto&) {}, stop.get_token());
  });
  ASSERT_TRUE(began_.Wait());
  stop.request_stop();
  running.join();
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(stopped_.Wait()) << "and the service stops the run";
}

}  // namespace
}  // namespace amont::testing
