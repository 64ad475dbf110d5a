// docs/api.md lists every call of the contract and every reason that a status may carry.

#include <amont/v1/check_service.pb.h>
#include <amont/v1/lineage_service.pb.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "tests/testing/paths.h"

namespace amont {
namespace {

TEST(ApiDocs, NameEveryCall) {
  const std::string docs = testing::ReadFile(testing::SourcePath("docs/api.md"));
  v1::ListChecksRequest::descriptor();  // links the contract in
  v1::GetGraphRequest::descriptor();
  for (const char* name : {"amont.v1.CheckService", "amont.v1.LineageService"}) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    ASSERT_TRUE(service) << name;
    for (int i = 0; i < service->method_count(); ++i) {
      EXPECT_NE(docs.find("| `" + service->method(i)->name() + "` |"), std::string::npos)
          << service->method(i)->name();
    }
  }
}

TEST(ApiDocs, NameEveryReason) {
  const std::string docs = testing::ReadFile(testing::SourcePath("docs/api.md"));
  const std::regex reason("\"([A-Z]+(_[A-Z]+)+)\"");
  std::set<std::string> reasons;
  for (const auto& entry : std::filesystem::directory_iterator(testing::SourcePath("server/rpc"))) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".h") || name == "client.cc" || name == "status.cc") continue;
    const std::string text = testing::ReadFile(entry.path());
    for (std::sregex_iterator found(text.begin(), text.end(), reason), end; found != end; ++found) {
      reasons.insert((*found)[1]);
    }
  }
  EXPECT_GE(reasons.size(), 10u);
  for (const std::string& one : reasons) EXPECT_NE(docs.find("`" + one + "`"), std::string::npos) << one;
}

}  // namespace
}  // namespace amont
