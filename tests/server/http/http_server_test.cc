#include "server/http/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/testing/gzip.h"
#include "tests/testing/http_client.h"

namespace amont {
namespace {

using std::chrono::milliseconds;
using testing::HttpAnswer;
using testing::HttpClient;
using testing::HttpGet;

std::vector<HttpRoute> Routes() {
  return {
      {"GET", "/hello", [](const HttpRequest&) { return TextResponse(200, "hello\n"); }},
      {"GET", "/query",
       [](const HttpRequest& request) {
         std::string text;
         for (const auto& [name, value] : request.query) text += name + "=" + value + "\n";
         return TextResponse(200, text);
       }},
      {"POST", "/echo",
       [](const HttpRequest& request) { return TextResponse(201, request.token + ":" + request.body); },
       /*body_bytes_max=*/1000},
      {"PUT", "/echo", [](const HttpRequest&) { return TextResponse(200, "put"); }},
  };
}

// A body that nobody lives to see the end of.
HttpRoute Endless(std::optional<milliseconds> send_within) {
  return {"GET", "/endless", [send_within](const HttpRequest&) {
            const auto piece = std::make_shared<const std::string>(1u << 20, 'x');
            HttpResponse response;
            response.body = {size_t{1} << 50, [piece](size_t) { return piece; }};
            response.send_within = send_within;
            return response;
          }};
}

class HttpServerTest : public ::testing::Test {
 protected:
  void Start(HttpOptions options = {}, std::vector<HttpRoute> routes = Routes()) {
    auto started = HttpServer::Start(std::move(options), std::move(routes));
    ASSERT_TRUE(started.has_value()) << started.error().message;
    server_ = std::move(*started);
  }
  uint16_t port() const { return server_->port(); }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, RoutesAnswerByMethodAndWholePath) {
  Start();
  const HttpAnswer hello = HttpGet(port(), "/hello");
  EXPECT_EQ(hello.status, 200);
  EXPECT_EQ(hello.body, "hello\n");
  EXPECT_EQ(hello.headers.at("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(HttpGet(port(), "/hello/").status, 404);
  EXPECT_EQ(HttpGet(port(), "/").status, 404);
  EXPECT_EQ(HttpGet(port(), "/query?b=2&a=x%20y&b=3&c").body, "a=x y\nb=2\nc=\n");
}

TEST_F(HttpServerTest, OtherMethodsAreToldWhichOnesThereAre) {
  Start();
  HttpClient client(port());
  const HttpAnswer post = client.Ask("POST", "/hello");
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(post.headers.at("allow"), "GET, HEAD");
  EXPECT_EQ(HttpGet(port(), "/echo").headers.at("allow"), "POST, PUT");
}

TEST_F(HttpServerTest, HeadAnswersAsGetWithoutTheBody) {
  Start();
  HttpClient client(port());
  const HttpAnswer head = client.Ask("HEAD", "/hello");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "6");
  EXPECT_EQ(client.Ask("GET", "/hello").body, "hello\n");  // the connection goes on
}

TEST_F(HttpServerTest, BodiesComeWholeInflatedAndBounded) {
  Start();
  HttpClient client(port());
  EXPECT_EQ(client.Ask("POST", "/echo", "Authorization: Bearer s3cret\r\n", "abc").body, "s3cret:abc");
  EXPECT_EQ(client.Ask("POST", "/echo", "Content-Encoding: gzip\r\n", testing::Gzip("packed")).body,
            ":packed");
  HttpClient chunked(port());
  chunked.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.Read().body, ":abcde");
  EXPECT_EQ(HttpClient(port()).Ask("POST", "/echo", "", std::string(1000, 'x')).status, 201);
  EXPECT_EQ(HttpClient(port()).Ask("POST", "/echo", "", std::string(1001, 'x')).status, 413);
  EXPECT_EQ(HttpClient(port()).Ask("POST", "/echo", "Content-Encoding: gzip\r\n", "no gzip").status, 400);
  EXPECT_EQ(HttpClient(port()).Ask("POST", "/echo", "Content-Encoding: br\r\n", "x").status, 415);
}

TEST_F(HttpServerTest, ABombOrAnEndlessBodyIsRefused) {
  Start();
  const std::string bomb = testing::Gzip(std::string(500'000, 'a'));
  ASSERT_LT(bomb.size(), 1000u);
  EXPECT_EQ(HttpClient(port()).Ask("POST", "/echo", "Content-Encoding: gzip\r\n", bomb).status, 413);

  HttpClient endless(port());
  endless.Send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  int chunks = 0;
  while (chunks < 10'000 && endless.Send(chunk)) ++chunks;
  EXPECT_LT(chunks, 10'000);  // 650 MB were never taken
}

TEST_F(HttpServerTest, ATokenNeedsTheBearerScheme) {
  Start();
  HttpClient client(port());
  EXPECT_EQ(client.Ask("POST", "/echo", "Authorization: bearer t\r\n", "b").body, "t:b");
  EXPECT_EQ(client.Ask("POST", "/echo", "Authorization: Basic t\r\n", "b").body, ":b");
}

TEST_F(HttpServerTest, ASecondServerAtTheSameAddressIsToldSo) {
  Start();
  HttpOptions same;
  same.port = port();
  const auto second = HttpServer::Start(same, Routes());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_NE(second.error().message.find("127.0.0.1:" + std::to_string(port())), std::string::npos);
  HttpOptions nowhere;
  nowhere.host = "192.0.2.1";
  EXPECT_EQ(HttpServer::Start(nowhere, Routes()).error().code, ErrorCode::kInvalid);
}

TEST_F(HttpServerTest, EveryAddressIncludesBothLoopbacks) {
  HttpOptions everywhere;
  everywhere.host = "";
  Start(everywhere);
  EXPECT_EQ(HttpGet(port(), "/hello").status, 200);
}

// Every stage of a connection is bounded, also for clients that drip.
TEST_F(HttpServerTest, SlowAndSilentConnectionsAreEnded) {
  HttpOptions options;
  options.timeouts = {milliseconds(300), milliseconds(300), milliseconds(300), milliseconds(300)};
  std::vector<HttpRoute> routes = Routes();
  routes.push_back(Endless(std::nullopt));
  Start(options, routes);
  HttpClient silent(port());
  EXPECT_TRUE(silent.WaitForEnd());
  HttpClient drips(port());
  EXPECT_TRUE(drips.Send("GET /hello HTTP/1.1\r\n"));
  while (drips.Send("X")) std::this_thread::sleep_for(milliseconds(20));  // ends only when the server does
  HttpClient cut(port());
  cut.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_TRUE(cut.WaitForEnd());
  HttpClient idle(port());
  EXPECT_EQ(idle.Ask("GET", "/hello").status, 200);
  EXPECT_TRUE(idle.WaitForEnd());
  HttpClient reads_on(port());
  reads_on.Send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(reads_on.WaitForEnd());
}

TEST_F(HttpServerTest, AnAnswerMaySayHowLongItsSendingMayTake) {
  HttpOptions options;
  options.timeouts.header = milliseconds(1000);  // the watch is kept by the finest
  Start(options, {Endless(milliseconds(100))});
  HttpClient client(port());
  client.Send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.WaitForEnd());
}

TEST_F(HttpServerTest, ASlowRouteHoldsUpNobody) {
  std::atomic<bool> entered = false;
  std::vector<HttpRoute> routes = Routes();
  routes.push_back({"POST", "/slow",
                    [&](const HttpRequest& request) {
                      entered = true;
                      entered.notify_all();
                      while (!request.stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
                      return TextResponse(200, "stopped\n");
                    },
                    0, /*slow=*/true});
  Start({}, routes);
  HttpClient first(port());
  first.Send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  entered.wait(false);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(HttpGet(port(), "/hello").status, 200);
  std::vector<std::unique_ptr<HttpClient>> waiting;
  HttpClient* refused = nullptr;
  while (refused == nullptr) {
    waiting.push_back(std::make_unique<HttpClient>(port()));
    waiting.back()->Send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    for (const auto& client : waiting) refused = client->HasMore() ? client.get() : refused;
  }
  const HttpAnswer answer = refused->Read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("retry-after"), "5");
  EXPECT_GE(waiting.size(), 17u);
  server_->Stop();
}

TEST_F(HttpServerTest, ASlowRouteAnswersMany) {
  std::vector<HttpRoute> routes = {
      {"GET", "/slow", [](const HttpRequest&) { return TextResponse(200, "done\n"); }, 0, /*slow=*/true}};
  Start({}, routes);
  for (int i = 0; i < 100; ++i) {
    HttpClient client(port());
    EXPECT_EQ(client.Ask("GET", "/slow").body, "done\n");
    EXPECT_EQ(client.Ask("GET", "/slow").body, "done\n");
  }
}

TEST_F(HttpServerTest, StoppingEndsConnectionsAtOnceAndMayBeRepeated) {
  for (int round = 0; round < 100; ++round) {
    Start();
    HttpClient idle(port());
    EXPECT_EQ(idle.Ask("GET", "/hello").status, 200);
    HttpClient halfway(port());
    halfway.Send("GET /hel");
    server_->Stop();
    server_->Stop();
    EXPECT_TRUE(idle.WaitForEnd());
    EXPECT_TRUE(halfway.WaitForEnd());
    server_.reset();
  }
}

TEST_F(HttpServerTest, ManyClientsAtOnceAllGetTheirAnswers) {
  Start();
  std::atomic<int> well = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      HttpClient client(port());
      for (int j = 0; j < 200; ++j) well += client.Ask("GET", "/hello").body == "hello\n";
    });
  }
  threads.clear();
  EXPECT_EQ(well, 1600);
}

}  // namespace
}  // namespace amont
