#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/http/http_server.h"
#include "tests/testing/http_client.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using testing::ProcessOptions;
using testing::ProcessResult;
using testing::RunProgram;

class HttpTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    MakeCertificate("first");
    HttpOptions options;
    options.tls = Files();
    const auto reload = [this](const HttpRequest&) {
      const bool reloaded = server_->ReloadTls(Files()).has_value();
      return TextResponse(reloaded ? 200 : 500, "reloaded\n");
    };
    auto started = HttpServer::Start(
        options, {{"GET", "/hello", [](const HttpRequest&) { return TextResponse(200, "hello\n"); }},
                  {"POST", "/reload", reload, 0, /*slow=*/true}});
    ASSERT_TRUE(started.has_value()) << started.error().message;
    server_ = std::move(*started);
  }

  HttpTls Files() const { return {dir_.Path("cert.pem"), dir_.Path("key.pem")}; }

  void MakeCertificate(const std::string& name) {
    const ProcessResult made =
        RunProgram({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", dir_.Path("key.pem"), "-out",
                    dir_.Path("cert.pem")});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  static constexpr const char* kHello = "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

  // What a client over TLS sees: the certificate's subject and the answer.
  std::string Ask(const std::string& flag = "-tls1_3", const std::string& requests = kHello) {
    ProcessOptions options;
    options.input = requests;
    return RunProgram({"openssl", "s_client", "-ign_eof", flag, "-connect",
                       "127.0.0.1:" + std::to_string(server_->port())},
                      options)
        .out;
  }

  testing::TempDir dir_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpTlsTest, ServesTlsAndNeverAsksForAClientCertificate) {
  const std::string seen = Ask();
  EXPECT_NE(seen.find("CN = first"), std::string::npos) << seen;
  EXPECT_NE(seen.find("\nhello\n"), std::string::npos) << seen;
  EXPECT_NE(seen.find("No client certificate CA names sent"), std::string::npos) << seen;
  EXPECT_EQ(testing::HttpGet(server_->port(), "/hello").status, 0);  // plain HTTP gets nothing
}

TEST_F(HttpTlsTest, VersionsBefore12AreRefused) {
  EXPECT_NE(Ask("-tls1_2").find("hello"), std::string::npos);
  EXPECT_EQ(Ask("-tls1_1").find("hello"), std::string::npos);
}

TEST_F(HttpTlsTest, AReloadTakesTheNewCertificateAndKeepsTheOldOneIfItIsBad) {
  for (int i = 0; i < 3; ++i) {
    const std::string name = "next" + std::to_string(i);
    MakeCertificate(name);
    const Result<void> reloaded = server_->ReloadTls(Files());
    ASSERT_TRUE(reloaded.has_value()) << reloaded.error().message;
    const std::string seen = Ask();
    EXPECT_NE(seen.find("CN = " + name), std::string::npos) << seen;
    EXPECT_NE(seen.find("\nhello\n"), std::string::npos) << seen;
  }
  dir_.Write("cert.pem", "not a certificate");
  const Result<void> bad = server_->ReloadTls(Files());
  ASSERT_FALSE(bad.has_value());
  EXPECT_NE(bad.error().message.find("cert.pem"), std::string::npos);
  EXPECT_NE(Ask().find("CN = next2"), std::string::npos);
}

TEST_F(HttpTlsTest, OneConnectionMayAskForAnyNumberOfReloads) {
  std::string requests;
  for (int i = 0; i < 5; ++i)
    requests += "POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
  const std::string seen = Ask("-tls1_3", requests + kHello);
  EXPECT_NE(seen.find("\nhello\n"), std::string::npos) << seen;
  EXPECT_EQ(seen.find("HTTP/1.1 5"), std::string::npos) << seen;
  EXPECT_NE(Ask().find("\nhello\n"), std::string::npos) << "a new one is served too";
}

TEST(HttpTls, FilesThatDoNotServeAreRefusedAtTheStart) {
  testing::TempDir dir;
  HttpOptions options;
  options.tls = HttpTls{dir.Path("none.pem"), dir.Path("none.pem")};
  EXPECT_EQ(HttpServer::Start(options, {}).error().code, ErrorCode::kNotFound);
  options.tls->cert_file = options.tls->key_file = dir.Write("bad.pem", "x");
  EXPECT_EQ(HttpServer::Start(options, {}).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace amont
