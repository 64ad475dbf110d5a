#include "server/rpc/requests.h"

#include <algorithm>

#include <fmt/format.h>

#include "checks/plan/planner.h"
#include "core/limits.h"
#include "core/quoted.h"
#include "server/rpc/messages.h"

namespace amont {

namespace {

void CheckWords(const google::protobuf::RepeatedPtrField<std::string>& words, const char* field,
                Violations& violations) {
  if (words.size() > limits::kSelectionWordsMax) {
    violations.push_back(
        {field, fmt::format("{} words; at most {}", words.size(), limits::kSelectionWordsMax)});
    return;
  }
  for (int i = 0; i < words.size(); ++i) {
    const auto at = [&] { return fmt::format("{}[{}]", field, i); };
    if (words[i].empty()) violations.push_back({at(), "is empty"});
    if (words[i].size() > limits::kSelectionWordBytesMax) {
      violations.push_back({at(), fmt::format("is longer than {} bytes", limits::kSelectionWordBytesMax)});
    }
  }
}

std::optional<Timestamp> ReadTime(const google::protobuf::Timestamp& at, const char* field,
                                  Violations& violations) {
  auto time = FromMessage(at);
  if (!time) violations.push_back({field, "is no time of the years 0001 to 9999"});
  return time;
}

}  // namespace

void CheckSelection(const v1::Selection& selection, Violations& violations) {
  CheckWords(selection.tables(), "selection.tables", violations);
  CheckWords(selection.tags(), "selection.tags", violations);
  CheckWords(selection.owners(), "selection.owners", violations);
  CheckWords(selection.sources(), "selection.sources", violations);
}

void CheckRequestId(const std::string& id, Violations& violations) {
  if (id.size() > limits::kRequestIdBytesMax) {
    violations.push_back(
        {"request_id", fmt::format("is longer than {} characters", limits::kRequestIdBytesMax)});
  }
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!plain) violations.push_back({"request_id", "holds other characters than printable ASCII"});
}

void CheckPasses(const google::protobuf::RepeatedPtrField<std::string>& passes, Violations& violations) {
  const std::vector<std::string>& known = PassNames();
  for (int i = 0; i < std::min(passes.size(), limits::kSelectionWordsMax); ++i) {
    if (std::find(known.begin(), known.end(), passes[i]) != known.end()) continue;
    violations.push_back({fmt::format("disabled_passes[{}]", i),
                          fmt::format("{} is no pass: {}", Quoted(passes[i]), fmt::join(known, " "))});
  }
}

void CheckFiles(const google::protobuf::RepeatedPtrField<v1::DeclarationFile>& files,
                Violations& violations) {
  if (files.empty()) violations.push_back({"files", "there is none"});
  std::set<std::string> names;
  for (int i = 0; i < files.size() && violations.size() < 16; ++i) {
    const auto at = [&] { return fmt::format("files[{}].name", i); };
    const std::string& name = files[i].name();
    if (name.empty()) violations.push_back({at(), "is empty"});
    if (name.size() > limits::kSelectionWordBytesMax) {
      violations.push_back({at(), fmt::format("is longer than {} bytes", limits::kSelectionWordBytesMax)});
    }
    if (!names.insert(name).second) violations.push_back({at(), "is the name of an earlier file too"});
  }
}

std::set<Status> ReadStatuses(const google::protobuf::RepeatedField<int>& statuses, Violations& violations) {
  std::set<Status> read;
  for (int i = 0; i < statuses.size() && violations.size() < 16; ++i) {
    if (const auto status = FromMessage(static_cast<v1::VerdictStatus>(statuses[i]))) {
      read.insert(*status);
    } else {
      violations.push_back({fmt::format("statuses[{}]", i), "is no status of a verdict"});
    }
  }
  return read;
}

grpc::Status ReadPageSize(int32_t asked, size_t& size, Violations& violations) {
  if (asked < 0) violations.push_back({"page_size", "is negative"});
  size = asked <= 0 ? limits::kPageSize : static_cast<size_t>(asked);
  if (size <= limits::kPageSizeMax) return grpc::Status::OK;
  CallError refused;
  refused.code = grpc::StatusCode::RESOURCE_EXHAUSTED;
  refused.reason = "PAGE_TOO_LARGE";
  refused.message = fmt::format("page_size: a page holds at most {}", limits::kPageSizeMax);
  refused.violations = {{"page_size", fmt::format("at most {}", limits::kPageSizeMax)}};
  return ToStatus(refused);
}

template <class Request>
void ReadSpan(const Request& request, std::optional<Timestamp>& since, std::optional<Timestamp>& until,
              Violations& violations) {
  if (request.has_start_time()) since = ReadTime(request.start_time(), "start_time", violations);
  if (request.has_end_time()) until = ReadTime(request.end_time(), "end_time", violations);
  if (since && until && *until <= *since) violations.push_back({"end_time", "is not after start_time"});
}
template void ReadSpan(const v1::ListVerdictsRequest&, std::optional<Timestamp>&, std::optional<Timestamp>&,
                       Violations&);
template void ReadSpan(const v1::ListMeasurementsRequest&, std::optional<Timestamp>&,
                       std::optional<Timestamp>&, Violations&);

}  // namespace amont
