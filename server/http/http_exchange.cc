#include "server/http/http_exchange.h"

#include <strings.h>

#include <charconv>
#include <set>

#include "server/http/http_wire.h"

namespace amont {
namespace {

constexpr size_t kDroppedMax = 1u << 20;  // bytes of a body known to be refused; more ends the connection

bool Serves(const HttpRoute& route, const std::string& method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

HttpResponse NotAllowed(const std::set<std::string>& methods) {
  std::string allow;
  for (const std::string& method : methods) {
    allow += (allow.empty() ? "" : ", ") + method + (method == "GET" ? ", HEAD" : "");
  }
  HttpResponse response = TextResponse(405, "only " + allow + " here\n");
  response.headers.emplace_back("Allow", allow);
  return response;
}

HttpResponse TooLarge(const HttpRoute& route) {
  return TextResponse(413, "a body here has at most " + std::to_string(route.body_bytes_max) + " bytes\n");
}

bool SameText(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

HttpExchange::HttpExchange(const Surroundings& surroundings, Sleepers& sleepers, MHD_Connection* connection,
                           Connections::Connection& deadline, HttpRequest request)
    : surroundings_(surroundings),
      sleepers_(sleepers),
      connection_(connection),
      deadline_(deadline),
      request_(std::move(request)),
      share_(surroundings.bodies) {
  request_.stop = surroundings_.stop;
}

MHD_Result HttpExchange::Begin() {
  deadline_.Allow(surroundings_.timeouts.body);
  if (std::optional<HttpResponse> refusal = Refusal()) return Send(std::move(*refusal));
  return MHD_YES;
}

std::optional<HttpResponse> HttpExchange::Refusal() {
  std::set<std::string> methods;
  for (const HttpRoute& route : surroundings_.routes) {
    if (route.path != request_.path) continue;
    methods.insert(route.method);
    if (Serves(route, request_.method)) route_ = &route;
  }
  if (methods.empty()) return TextResponse(404, "there is nothing here\n");
  if (route_ == nullptr) return NotAllowed(methods);
  const std::string_view encoding = request_.Header("content-encoding");
  const bool gzip = SameText(encoding, "gzip") || SameText(encoding, "x-gzip");
  if (!gzip && !encoding.empty() && !SameText(encoding, "identity")) {
    return TextResponse(415, "a body may be encoded as gzip only\n");
  }
  const std::string_view length = request_.Header("content-length");
  uint64_t bytes = 0;
  std::from_chars(length.data(), length.data() + length.size(), bytes);
  if (bytes > route_->body_bytes_max) return TooLarge(*route_);
  body_ = std::make_unique<BodyReader>(gzip, route_->body_bytes_max);
  return std::nullopt;
}

MHD_Result HttpExchange::Take(std::string_view bytes) {
  if (body_ == nullptr) return MHD_YES;  // it is refused already
  body_->Take(bytes);
  if (share_.Set(body_->held())) return body_->dropped() > kDroppedMax ? MHD_NO : MHD_YES;
  crowded_ = true;
  share_.Set(0);
  body_.reset();
  return MHD_YES;
}

MHD_Result HttpExchange::Answer() {
  if (later_) return Send(std::move(*later_));
  if (crowded_) {
    HttpResponse refusal = TextResponse(429, "too much comes in at once; send it again later\n");
    refusal.headers.emplace_back("Retry-After", "1");
    return Send(std::move(refusal));
  }
  if (body_ == nullptr) return MHD_YES;
  body_->End();
  switch (body_->state()) {
    case BodyReader::State::kTooLarge:
      return Send(TooLarge(*route_));
    case BodyReader::State::kBroken:
      return Send(TextResponse(400, "the body is not whole gzip\n"));
    case BodyReader::State::kWell:
      break;
  }
  request_.body = body_->TakeBody();
  if (route_->slow || route_->later) return AnswerLater();
  return Send(route_->handle(request_));
}

// The connection sleeps until the answer is there; nobody else touches the exchange meanwhile.
MHD_Result HttpExchange::AnswerLater() {
  if (!sleepers_.Enter()) {
    HttpResponse refusal = TextResponse(503, "the certificate was replaced: connect anew\n");
    refusal.headers.emplace_back("Connection", "close");
    return Send(std::move(refusal));
  }
  deadline_.AllowForever();
  MHD_suspend_connection(connection_);
  if (!route_->later) {
    HandToSlowLane();
    return MHD_YES;
  }
  share_.Set(0);  // whoever takes the body has a limit of its own
  // Once it has replied, the exchange may be gone.
  route_->later(std::move(request_), [this](HttpResponse response) {
    later_ = std::move(response);
    WakeUp();
  });
  return MHD_YES;
}

void HttpExchange::HandToSlowLane() {
  const bool added = surroundings_.slow_lane.Add([this](const std::stop_token& stop) {
    later_ = stop.stop_requested() ? TextResponse(503, "stopping\n") : route_->handle(request_);
    WakeUp();
  });
  if (!added) {
    later_ = TextResponse(503, "too many requests wait\n");
    later_->headers.emplace_back("Retry-After", "5");
    WakeUp();
  }
}

// Its daemon may answer and destroy the exchange before this returns.
void HttpExchange::WakeUp() {
  Sleepers& sleepers = sleepers_;
  MHD_resume_connection(connection_);
  sleepers.Leave();
}

MHD_Result HttpExchange::Send(HttpResponse response) {
  deadline_.Allow(response.send_within.value_or(surroundings_.timeouts.send));
  return SendResponse(connection_, std::move(response));
}

}  // namespace amont
