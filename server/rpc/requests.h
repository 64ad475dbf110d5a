// Requests: what their fields may hold, checked before anything is done with them. Each function adds what is
// wrong to a list, so that a caller sees all of it at once. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <amont/v1/check_service.pb.h>

#include "server/rpc/status.h"
#include "server/store/store.h"

namespace amont {

using Violations = std::vector<Violation>;

void CheckSelection(const v1::Selection& selection, Violations& violations);
void CheckRequestId(const std::string& id, Violations& violations);
void CheckPasses(const google::protobuf::RepeatedPtrField<std::string>& passes, Violations& violations);
void CheckFiles(const google::protobuf::RepeatedPtrField<v1::DeclarationFile>& files, Violations& violations);
std::set<Status> ReadStatuses(const google::protobuf::RepeatedField<int>& statuses, Violations& violations);

// How many a page holds; RESOURCE_EXHAUSTED where more are asked for than limits::kPageSizeMax.
grpc::Status ReadPageSize(int32_t asked, size_t& size, Violations& violations);

// The two ends of a span of time, from `start_time` to `end_time` of a request.
template <class Request>
void ReadSpan(const Request& request, std::optional<Timestamp>& since, std::optional<Timestamp>& until,
              Violations& violations);

// What a page token belongs to: the method and the request without its page fields.
template <class Request>
std::string ListingOf(Request request) {
  request.clear_page_size();
  request.clear_page_token();
  return Request::descriptor()->full_name() + '\0' + request.SerializeAsString();
}

}  // namespace amont
