// LineageService on a real `amont serve`: events and manifests in, answers out.
#include <amont/v1/lineage_service.grpc.pb.h>
#include <fmt/format.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "core/sql/connection.h"
#include "core/time.h"
#include "tests/testing/amont_service.h"

namespace amont::testing {
namespace {

std::string Dataset(const std::string& name) {
  return fmt::format(R"({{"namespace":"postgres://db:5432","name":"shop.{}"}})", name);
}

std::string Event(int run, const std::string& inputs, const std::string& outputs) {
  const Timestamp now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format(
      R"({{"eventTime":"{}","producer":"p","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json",)"
      R"("eventType":"COMPLETE","run":{{"runId":"0190e1a0-0000-7000-8000-{:012}"}},)"
      R"("job":{{"namespace":"n","name":"j"}},"inputs":[{}],"outputs":[{}]}})",
      FormatTimestamp(now), run, inputs, outputs);
}

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status rich;
  rich.ParseFromString(status.error_details());
  for (const auto& any : rich.details()) {
    if (google::rpc::ErrorInfo info; any.UnpackTo(&info)) return info.reason();
  }
  return status.ok() ? "OK" : "none: " + status.error_message();
}

class LineageRpc : public ::testing::Test {
 protected:
  LineageRpc() {
    dir_.Write(
        "amont.toml",
        std::string(
            "[source.wh]\nurl = \"postgresql://db:5432/shop\"\n[source.lite]\nurl = \"sqlite:lite.db\"\n"
            "[store]\nurl = \"sqlite:amont.db\"\n[owner.finance]\ncontact = \"#f\"\n") +
            kAnyPorts);
    dir_.Write("checks/a.toml",
               "[[table]]\nname = \"main.raw\"\nsource = \"lite\"\nschedule = \"1s\"\nvolume = { min = 3 }\n"
               "[[table]]\nname = \"main.mart\"\nsource = \"lite\"\nowner = \"finance\"\ntier = 1\n"
               "upstream = [\"main.raw\"]\nfeeds = [\"dashboard:Revenue\"]\n");
    auto lite = OpenSqliteStore(dir_.Path("lite.db"));
    for (const char* statement : {"CREATE TABLE raw (id INTEGER)", "CREATE TABLE mart (id INTEGER)"}) {
      EXPECT_TRUE(lite && (*lite)->Execute(statement, {}));
    }
    lite = MakeError(ErrorCode::kInternal, "closed");
    service_ = std::make_unique<AmontService>(dir_);
    EXPECT_TRUE(service_->WaitUntilReady()) << service_->process().Errors();
    stub_ = v1::LineageService::NewStub(
        grpc::CreateChannel(service_->grpc_address(), grpc::InsecureChannelCredentials()));
  }

  template <class Request, class Response>
  grpc::Status Call(grpc::Status (v1::LineageService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                     Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    return (stub_.get()->*method)(&context, request, &response);
  }
  v1::GetGraphResponse Graph(const std::string& node) {
    v1::GetGraphRequest request;
    request.set_node(node);
    v1::GetGraphResponse response;
    Call(&v1::LineageService::Stub::GetGraph, request, response);
    return response;
  }
  bool WaitForNodes(const std::string& node, int nodes) {
    for (int i = 0; i < 600 && Graph(node).nodes_size() != nodes; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return Graph(node).nodes_size() == nodes;
  }

  TempDir dir_;
  std::unique_ptr<AmontService> service_;
  std::unique_ptr<v1::LineageService::Stub> stub_;
};

TEST_F(LineageRpc, AnEventGoesInAndTheGraphComesOut) {
  v1::IngestEventRequest event;
  v1::IngestEventResponse taken;
  event.set_event(Event(1, Dataset("raw.a"), Dataset("mart.b")));
  const auto status = Call(&v1::LineageService::Stub::IngestEvent, event, taken);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(taken.edges(), 1);
  ASSERT_TRUE(WaitForNodes("wh/mart.b", 2));
  const v1::GetGraphResponse graph = Graph("mart.b");
  ASSERT_EQ(graph.edges_size(), 1) << "the only PostgreSQL source is meant";
  EXPECT_EQ(graph.edges(0).upstream(), "wh/raw.a");
  EXPECT_EQ(graph.edges(0).provenance(), v1::PROVENANCE_OPENLINEAGE);
  EXPECT_EQ(graph.edges(0).job(), "job:n/j");

  event.set_event("{}");
  EXPECT_EQ(ReasonOf(Call(&v1::LineageService::Stub::IngestEvent, event, taken)), "BAD_REQUEST");
  v1::GetGraphRequest ask;
  v1::GetGraphResponse none;
  ask.set_node("wh/mart.c");
  EXPECT_EQ(ReasonOf(Call(&v1::LineageService::Stub::GetGraph, ask, none)), "NODE_UNKNOWN");
  ask.set_node("");
  EXPECT_EQ(ReasonOf(Call(&v1::LineageService::Stub::GetGraph, ask, none)), "BAD_REQUEST");
  ask.set_node("wh/mart.b");
  ask.set_limit(-1);
  EXPECT_EQ(ReasonOf(Call(&v1::LineageService::Stub::GetGraph, ask, none)), "BAD_REQUEST");
  ask.set_limit(0);
  ask.mutable_at_time()->set_seconds(1'000'000'000);
  ASSERT_TRUE(Call(&v1::LineageService::Stub::GetGraph, ask, none).ok());
  EXPECT_EQ(none.nodes_size(), 1) << "what is known of a table itself is known at all times";
  EXPECT_EQ(none.edges_size(), 0) << "nothing fed it then";
}

TEST_F(LineageRpc, ImpactCauseAndPathFollowWhatIsDeclared) {
  ASSERT_TRUE(WaitForNodes("lite/main.raw", 3)) << service_->process().Errors();
  v1::GetImpactRequest impact;
  v1::GetImpactResponse hit;
  impact.set_node("lite/main.raw");
  ASSERT_TRUE(Call(&v1::LineageService::Stub::GetImpact, impact, hit).ok());
  EXPECT_EQ(hit.tables(), 1);
  EXPECT_EQ(hit.exposures(), 1);
  ASSERT_EQ(hit.owners_size(), 1);
  EXPECT_EQ(hit.owners(0), "finance");
  EXPECT_EQ(hit.nodes(0).tier(), 1);

  ASSERT_TRUE(
      service_->WaitForSample("amont_check_status{source=\"lite\",table=\"main.raw\",check=\"lite/main.raw:"
                              "volume\",kind=\"volume\",status=\"fail\"}",
                              "1"));
  v1::GetCauseRequest cause;
  v1::GetCauseResponse causes;
  cause.set_node("dashboard:Revenue");
  ASSERT_TRUE(Call(&v1::LineageService::Stub::GetCause, cause, causes).ok());
  ASSERT_EQ(causes.causes_size(), 1);
  EXPECT_EQ(causes.causes(0).node().id(), "lite/main.raw");
  EXPECT_EQ(causes.causes(0).impact(), 1);
  EXPECT_EQ(causes.causes(0).path_size(), 3);
  ASSERT_EQ(causes.failing_size(), 1);
  EXPECT_EQ(causes.failing(0).node(), "lite/main.raw");

  v1::GetPathRequest path;
  v1::GetPathResponse way;
  path.set_from_node("lite/main.raw");
  path.set_to_node("dashboard:Revenue");
  ASSERT_TRUE(Call(&v1::LineageService::Stub::GetPath, path, way).ok());
  EXPECT_EQ(way.nodes_size(), 3);
  EXPECT_EQ(way.edges_size(), 2);
  path.set_from_node("dashboard:Revenue");
  path.set_to_node("lite/main.raw");
  ASSERT_TRUE(Call(&v1::LineageService::Stub::GetPath, path, way).ok());
  EXPECT_EQ(way.nodes_size(), 0);
}

TEST_F(LineageRpc, AManifestIsImportedInPieces) {
  const std::string manifest =
      R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json","project_name":"shop",)"
      R"("adapter_type":"postgres"},"nodes":{"model.shop.b":{"unique_id":"model.shop.b","resource_type":"model",)"
      R"("package_name":"shop","name":"b","database":"shop","schema":"mart","alias":"b",)"
      R"("relation_name":"\"shop\".\"mart\".\"b\"","config":{"materialized":"table"},)"
      R"("depends_on":{"nodes":["source.shop.raw.a"]},"compiled":true,"compiled_code":"select * from shop.raw.a"}},)"
      R"("sources":{"source.shop.raw.a":{"unique_id":"source.shop.raw.a","resource_type":"source",)"
      R"("package_name":"shop","name":"a","source_name":"raw","database":"shop","schema":"raw","identifier":"a",)"
      R"("relation_name":"\"shop\".\"raw\".\"a\""}},"exposures":{}})";
  const auto import = [&](const std::string& text, v1::ImportManifestResponse& response) {
    grpc::ClientContext context;
    const auto writer = stub_->ImportManifest(&context, &response);
    for (size_t at = 0; at < text.size(); at += 100) {
      v1::ImportManifestRequest piece;
      piece.set_part(v1::MANIFEST_PART_MANIFEST);
      piece.set_content(text.substr(at, 100));
      writer->Write(piece);
    }
    writer->WritesDone();
    return writer->Finish();
  };
  v1::ImportManifestResponse response;
  const auto status = import(manifest, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.origin(), "shop");
  EXPECT_EQ(response.edges(), 2) << "of depends_on, and of the SQL";
  EXPECT_TRUE(WaitForNodes("wh/mart.b", 2));
  EXPECT_EQ(ReasonOf(import("{\"metadata\":", response)), "BAD_REQUEST");

  v1::ListStatementsRequest list;
  v1::ListStatementsResponse statements;
  ASSERT_TRUE(Call(&v1::LineageService::Stub::ListStatements, list, statements).ok());
  ASSERT_EQ(statements.statements_size(), 1);
  EXPECT_EQ(statements.statements(0).origin(), "shop");
  EXPECT_EQ(statements.statements(0).subject(), "wh/mart.b");
  list.set_page_token("nonsense");
  EXPECT_EQ(ReasonOf(Call(&v1::LineageService::Stub::ListStatements, list, statements)), "BAD_REQUEST");
}

}  // namespace
}  // namespace amont::testing
