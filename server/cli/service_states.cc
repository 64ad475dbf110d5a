// StateReader of a running service.

#include "core/limits.h"
#include "server/cli/from_messages.h"
#include "server/cli/state_reader.h"
#include "server/rpc/messages.h"

namespace amont {

namespace {

// A page this large stays far below what one message may hold.
constexpr int kChecksAPage = 500;

// An answer that is no answer: the service does not know the check.
template <class Response>
Result<Response> EmptyWhereUnknown(Result<Response> response) {
  if (!response && response.error().code == ErrorCode::kNotFound) return Response();
  return response;
}

template <class Request, class Query>
void SetSpan(Request& request, const Query& query) {
  if (query.since) *request.mutable_start_time() = ToMessage(*query.since);
  if (query.until) *request.mutable_end_time() = ToMessage(*query.until);
  request.set_page_size(static_cast<int>(query.page.limit));
  request.set_page_token(query.page.after);
}

class ServiceStates : public StateReader {
 public:
  ServiceStates(const Client& client, std::string name, std::stop_token stop)
      : client_(client), name_(std::move(name)), stop_(std::move(stop)) {}

  std::string Name() const override { return name_; }

  Result<std::vector<KnownCheck>> ReadChecks(const Selection& selection) override {
    AMONT_TRY(const v1::ListChecksResponse all, ListAllChecks(client_, selection, stop_));
    CheckBook book;
    for (const v1::Check& message : all.checks()) book.Add(message);
    invalid_.clear();
    for (const v1::InvalidFile& file : all.invalid_files()) {
      invalid_.push_back({file.path(), file.reason(), file.kept()});
    }
    return book.All();
  }

  const std::vector<InvalidFile>& invalid_files() const override { return invalid_; }

  Result<std::optional<KnownCheck>> ReadCheck(const std::string& id) override {
    v1::GetCheckRequest request;
    request.set_id(id);
    AMONT_TRY(const v1::GetCheckResponse response, EmptyWhereUnknown(client_.Call(request, stop_)));
    if (!response.has_check()) return std::optional<KnownCheck>();
    CheckBook book;
    return std::optional<KnownCheck>(book.Add(response.check()));
  }

  Result<MeasurementPage> ReadMeasurements(const MeasurementQuery& query) override {
    v1::ListMeasurementsRequest request;
    request.set_check(query.check);
    if (query.group) request.set_group(*query.group);
    SetSpan(request, query);
    AMONT_TRY(const v1::ListMeasurementsResponse response, EmptyWhereUnknown(client_.Call(request, stop_)));
    MeasurementPage page;
    for (const v1::Measurement& message : response.measurements()) page.rows.push_back(FromMessage(message));
    page.next = response.next_page_token();
    return page;
  }

  Result<VerdictPage> ReadVerdicts(const VerdictQuery& query) override {
    v1::ListVerdictsRequest request;
    request.set_check(query.check);
    SetSpan(request, query);
    AMONT_TRY(const v1::ListVerdictsResponse response, EmptyWhereUnknown(client_.Call(request, stop_)));
    VerdictPage page;
    for (const v1::Verdict& message : response.verdicts()) page.rows.push_back(FromMessage(message));
    page.next = response.next_page_token();
    return page;
  }

 private:
  const Client& client_;
  const std::string name_;
  const std::stop_token stop_;
  std::vector<InvalidFile> invalid_;
};

}  // namespace

Result<v1::ListChecksResponse> ListAllChecks(const Client& client, const Selection& selection,
                                             std::stop_token stop) {
  v1::ListChecksRequest request;
  *request.mutable_selection() = ToMessage(selection);
  request.set_page_size(kChecksAPage);
  v1::ListChecksResponse all;
  do {
    AMONT_TRY(const v1::ListChecksResponse page, client.Call(request, stop));
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  return all;
}

std::unique_ptr<StateReader> ReadService(const Client& client, std::string name, std::stop_token stop) {
  return std::make_unique<ServiceStates>(client, std::move(name), std::move(stop));
}

}  // namespace amont
