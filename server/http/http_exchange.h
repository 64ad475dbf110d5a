// HttpExchange: one request and its answer, as libmicrohttpd calls for it: headers first, then the body bit
// by bit, then the answer. Used by one thread at a time.
#pragma once

#include <microhttpd.h>

#include <memory>
#include <optional>
#include <string_view>

#include "server/http/body_budget.h"
#include "server/http/connections.h"
#include "server/http/http_server.h"
#include "server/http/inflate.h"
#include "server/http/sleepers.h"
#include "server/http/slow_lane.h"

namespace amont {

class HttpExchange {
 public:
  struct Surroundings {
    const std::vector<HttpRoute>& routes;
    const HttpTimeouts& timeouts;
    SlowLane& slow_lane;
    std::stop_token stop;
    BodyBudget& bodies;
  };

  // `sleepers`: of the connection's daemon; outlives it, as the surroundings do.
  HttpExchange(const Surroundings& surroundings, Sleepers& sleepers, MHD_Connection* connection,
               Connections::Connection& deadline, HttpRequest request);

  // The headers are here: answers at once what needs no body or may not send it.
  MHD_Result Begin();
  // More of the body; MHD_NO ends the connection.
  MHD_Result Take(std::string_view bytes);
  // The body is whole, or the slow lane is done.
  MHD_Result Answer();

 private:
  std::optional<HttpResponse> Refusal();
  MHD_Result Send(HttpResponse response);
  MHD_Result AnswerLater();
  void HandToSlowLane();
  void WakeUp();

  const Surroundings& surroundings_;
  Sleepers& sleepers_;
  MHD_Connection* connection_;
  Connections::Connection& deadline_;
  HttpRequest request_;
  const HttpRoute* route_ = nullptr;
  std::unique_ptr<BodyReader> body_;
  BodyBudget::Share share_;
  bool crowded_ = false;               // there was no room for the body
  std::optional<HttpResponse> later_;  // made by the slow lane, or by whoever was handed the request
};

}  // namespace amont
