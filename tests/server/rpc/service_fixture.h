// A real RpcServer on loopback, over a backend of the test's own: two declared tables in a real SQLite store,
// a state map, and runs that the test scripts.
#pragma once

#include <amont/v1/check_service.grpc.pb.h>
#include <google/rpc/error_details.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/guarded.h"
#include "server/rpc/server.h"
#include "server/telemetry/state_map.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {

// Something that happens once and that others wait for; generous patience only ends a hang.
class Event {
 public:
  void Set();
  bool Wait();  // false: it did not happen
  bool happened() const;

 private:
  Guarded<bool> set_;
};

// The details of a status, unpacked.
struct Details {
  std::string reason;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> violations;  // "field: description"
  std::string resource;                 // "type name"
  bool retry = false;
};
Details DetailsOf(const grpc::Status& status);
// "NOT_FOUND CHECK_UNKNOWN": the code and the reason.
std::string CodeOf(const grpc::Status& status);

// What a test scripts, also while the server runs: assigned by the test, read by handlers.
template <class Fn>
class Script {
 public:
  Script& operator=(std::function<Fn> next) {
    script_.With([&](std::function<Fn>& script) { script = std::move(next); });
    return *this;
  }
  std::function<Fn> Get() const {
    return script_.With([](const std::function<Fn>& script) { return script; });
  }

 private:
  Guarded<std::function<Fn>> script_;
};

class ServiceFixture : public ::testing::Test {
 protected:
  ServiceFixture();
  ~ServiceFixture() override;
  void TearDown() override { Stop(); }  // before the members that handlers use go

  // Starts the server; a second call replaces it.
  void Start(ServeConfig serve = {{"127.0.0.1", 0}, {"127.0.0.1", 0}, {}, "", false},
             RpcLimits rpc_limits = {});
  void Stop();
  std::string Address() const;
  std::shared_ptr<grpc::Channel> Connect(
      std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials(),
      const std::string& name = "") const;
  std::unique_ptr<v1::CheckService::Stub> Stub(const std::shared_ptr<grpc::Channel>& channel) const;

  // One call on the stub, with a token where one is given.
  template <class Request, class Response>
  grpc::Status Call(grpc::Status (v1::CheckService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                   Response*),
                    const Request& request, Response& response, const std::string& token = "") {
    grpc::ClientContext context;
    Authorize(context, token);
    return (stub_.get()->*method)(&context, request, &response);
  }
  // A whole run: its events, and how it ended.
  struct Ran {
    std::vector<v1::RunChecksResponse> events;
    grpc::Status status;
    std::string Kinds() const;  // "accepted verdict verdict summary"
  };
  Ran Run(const v1::RunChecksRequest& request, const std::string& token = "");

  static void Authorize(grpc::ClientContext& context, const std::string& token);
  // What the configuration declares, by id.
  CheckPtr CheckOf(const std::string& id) const;
  // One table's verdicts, all of them `status`.
  Conclusion ConclusionOf(const std::string& table, Status status, Timestamp at) const;
  // Records it in the store as a finished run of this key, and in the state map.
  RunId Record(const std::string& key, const Conclusion& conclusion, Timestamp at);

  // What a test waits for and what its handlers wait for. Members: a handler may outlive the test's body.
  Event began_;
  Event release_;
  Event stopped_;
  Guarded<RunOrder> ordered_;
  TempDir dir_;
  std::unique_ptr<Published<Config>> config_;
  StateMap states_;
  std::unique_ptr<Store> store_;
  Script<Result<RunSummary>(const RunOrder&, const RunSink&, std::stop_token)> run_;
  Script<Result<Explanation>(const Selection&, const std::set<std::string>&, std::stop_token)> explain_;
  Script<Diagnostics(const std::vector<std::shared_ptr<const SourceText>>&)> validate_;
  Guarded<std::map<std::string, int>> handled_;  // "method code" → how often
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<v1::CheckService::Stub> stub_;
};

}  // namespace amont::testing
