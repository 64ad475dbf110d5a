#include <algorithm>
#include <memory>

#include "server/http/http_server.h"

namespace amont {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The text up to `separator`, which is taken off `rest` with it.
std::string_view Next(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = Trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool IsZero(std::string_view quality) {
  return !quality.empty() && quality.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

std::string_view HttpRequest::Header(const std::string& lower_case_name) const {
  const auto header = headers.find(lower_case_name);
  return header == headers.end() ? std::string_view() : header->second;
}

bool HttpRequest::AcceptsGzip() const {
  std::string_view rest = Header("accept-encoding");
  while (!rest.empty()) {
    std::string_view parameters = Next(rest, ',');
    if (Next(parameters, ';') != "gzip") continue;
    const std::string_view quality = Trimmed(parameters);
    return !(quality.starts_with("q=") && IsZero(quality.substr(2)));
  }
  return false;
}

HttpResponse TextResponse(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  const auto shared = std::make_shared<const std::string>(std::move(text));
  response.body.bytes = shared->size();
  response.body.piece = [shared](size_t index) { return index == 0 ? shared : nullptr; };
  return response;
}

}  // namespace amont
