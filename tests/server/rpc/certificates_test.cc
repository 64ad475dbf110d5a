// TLS and client certificates: files that are refused, connections that are, and certificates that change.

#include "server/rpc/certificates.h"

#include "tests/server/rpc/certificate_maker.h"
#include "tests/server/rpc/service_fixture.h"

namespace amont::testing {
namespace {

class Certified : public ServiceFixture {
 protected:
  Certified() {
    WritePair("server", authority_.Issue("amont.test"));
    dir_.Write("clients.pem", clients_.Authority());
    serve_.grpc.port = 0;
    serve_.tls = TlsConfig{dir_.Path("server.pem"), dir_.Path("server.key"), ""};
  }

  void WritePair(const std::string& name, const CertificateMaker::Pair& pair) {
    dir_.Write(name + ".pem", pair.certificate);
    dir_.Write(name + ".key", pair.key);
  }
  void AskClients() { serve_.tls->client_ca_file = dir_.Path("clients.pem"); }
  // One call on a connection of its own.
  grpc::StatusCode CallOnce(const std::string& trusted, const CertificateMaker::Pair& own = {}) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = trusted;
    options.pem_cert_chain = own.certificate;
    options.pem_private_key = own.key;
    const auto stub = Stub(Connect(grpc::SslCredentials(options), "amont.test"));
    grpc::ClientContext context;
    Authorize(context, "");
    v1::ListChecksResponse response;
    return stub->ListChecks(&context, {}, &response).error_code();
  }
  std::string WhyRefused() {
    const auto read = ReadCertificates(*serve_.tls);
    return read ? "" : read.error().message;
  }

  CertificateMaker authority_{"authority"};
  CertificateMaker clients_{"clients"};
  CertificateMaker strangers_{"strangers"};
  ServeConfig serve_;
};

TEST_F(Certified, AServerIsTrustedByWhoKnowsItsAuthority) {
  Start(serve_);
  EXPECT_EQ(CallOnce(authority_.Authority()), grpc::StatusCode::OK);
  EXPECT_EQ(CallOnce(strangers_.Authority()), grpc::StatusCode::UNAVAILABLE);
  grpc::ClientContext context;
  Authorize(context, "");
  v1::ListChecksResponse response;
  EXPECT_EQ(stub_->ListChecks(&context, {}, &response).error_code(), grpc::StatusCode::UNAVAILABLE)
      << "nothing in the clear";
}

TEST_F(Certified, AClientNeedsACertificateOfTheRightAuthorityThatHoldsToday) {
  AskClients();
  Start(serve_);
  const std::string trusted = authority_.Authority();
  EXPECT_EQ(CallOnce(trusted, clients_.Issue("grafana")), grpc::StatusCode::OK);
  EXPECT_EQ(CallOnce(trusted), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallOnce(trusted, strangers_.Issue("grafana")), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallOnce(trusted, clients_.Issue("grafana", -10, -1)), grpc::StatusCode::UNAVAILABLE)
      << "expired";
  EXPECT_EQ(CallOnce(trusted, clients_.Issue("grafana", 1, 10)), grpc::StatusCode::UNAVAILABLE)
      << "not yet valid";
  EXPECT_EQ(CallOnce(trusted, clients_.Issue("grafana")), grpc::StatusCode::OK) << "and the server goes on";
}

TEST_F(Certified, ARunIsLoggedWithTheNameOfTheClientsCertificate) {
  AskClients();
  Start(serve_);
  grpc::SslCredentialsOptions options;
  const CertificateMaker::Pair own = clients_.Issue("airflow");
  options.pem_root_certs = authority_.Authority();
  options.pem_cert_chain = own.certificate;
  options.pem_private_key = own.key;
  stub_ = Stub(Connect(grpc::SslCredentials(options), "amont.test"));
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(Run({}).status.ok());
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("token=airflow"), std::string::npos) << log;
}

TEST_F(Certified, NewConnectionsGetTheCertificatesOfTheLastGoodReload) {
  AskClients();
  Start(serve_);
  const auto client = clients_.Issue("grafana");
  CertificateMaker next("next");
  WritePair("server", next.Issue("amont.test"));
  EXPECT_EQ(CallOnce(authority_.Authority(), client), grpc::StatusCode::OK)
      << "only a reload reads the files";
  ASSERT_TRUE(server_->Reload(serve_).has_value());
  EXPECT_EQ(CallOnce(authority_.Authority(), client), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallOnce(next.Authority(), client), grpc::StatusCode::OK);

  dir_.Write("clients.pem", strangers_.Authority());
  ASSERT_TRUE(server_->Reload(serve_).has_value());
  EXPECT_EQ(CallOnce(next.Authority(), client), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallOnce(next.Authority(), strangers_.Issue("grafana")), grpc::StatusCode::OK);

  dir_.Write("server.key", authority_.Issue("amont.test").key);
  const auto reloaded = server_->Reload(serve_);
  ASSERT_FALSE(reloaded.has_value());
  EXPECT_NE(reloaded.error().message.find("server.key: this is not the key of"), std::string::npos);
  EXPECT_EQ(CallOnce(next.Authority(), strangers_.Issue("grafana")), grpc::StatusCode::OK)
      << "the old ones go on";
}

TEST_F(Certified, TurningTlsOffNeedsARestart) {
  Start(serve_);
  ServeConfig plain = serve_;
  plain.tls.reset();
  EXPECT_EQ(server_->Reload(plain).error().code, ErrorCode::kInvalid);
  AskClients();
  EXPECT_EQ(server_->Reload(serve_).error().code, ErrorCode::kInvalid);
}

TEST_F(Certified, FilesThatMakeNoSenseAreNamed) {
  EXPECT_EQ(WhyRefused(), "");
  WritePair("server", authority_.Issue("amont.test", -10, -1));
  EXPECT_NE(WhyRefused().find("server.pem: the certificate expired on "), std::string::npos) << WhyRefused();
  WritePair("server", authority_.Issue("amont.test", 1, 10));
  EXPECT_NE(WhyRefused().find("is not valid before "), std::string::npos) << WhyRefused();
  WritePair("server", {"hello", authority_.Issue("amont.test").key});
  EXPECT_NE(WhyRefused().find("server.pem: no PEM certificate"), std::string::npos) << WhyRefused();
  WritePair("server", {authority_.Issue("amont.test").certificate, "hello"});
  EXPECT_NE(WhyRefused().find("server.key: no PEM private key"), std::string::npos) << WhyRefused();
  WritePair("server", authority_.Issue("amont.test"));
  dir_.Write("clients.pem", "");
  AskClients();
  EXPECT_NE(WhyRefused().find("clients.pem: no PEM certificate"), std::string::npos) << WhyRefused();
  serve_.tls->cert_file = dir_.Path("absent.pem");
  EXPECT_NE(WhyRefused().find("absent.pem"), std::string::npos) << WhyRefused();
  EXPECT_FALSE(RpcServer::Start(serve_, *backend_).has_value());
}

}  // namespace
}  // namespace amont::testing
