#include "core/sql/postgres_link.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "core/sql/postgres_error.h"

namespace amont {
namespace {

constexpr std::chrono::milliseconds kConnectTimeout = std::chrono::seconds(10);  // where the URL does not say

constexpr std::chrono::milliseconds kForever(-1);

// What poll() reports within `step`; 0 is nothing.
short WaitFor(int socket, short events, std::chrono::milliseconds step) {
  pollfd waiting = {socket, events, 0};
  const int ready = poll(&waiting, 1, static_cast<int>(step.count()));
  return ready > 0 ? waiting.revents : 0;
}

std::chrono::milliseconds ConnectTimeout(PGconn* connection) {
  std::chrono::milliseconds timeout = kConnectTimeout;
  PQconninfoOption* const options = PQconninfo(connection);
  for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr; ++option) {
    if (std::string_view(option->keyword) != "connect_timeout" || option->val == nullptr) continue;
    const std::string_view text = option->val;
    int seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (seconds > 0) timeout = std::chrono::seconds(seconds);
  }
  PQconninfoFree(options);
  return timeout;
}

Result<void> CheckUrl(const std::string& url) {
  char* message = nullptr;
  PQconninfoOption* const parsed = PQconninfoParse(url.c_str(), &message);
  const std::string why = message != nullptr ? WithoutQuoted(message) : "out of memory";
  PQfreemem(message);
  if (parsed == nullptr) return MakeError(ErrorCode::kInvalid, "the URL is not right: " + why);
  PQconninfoFree(parsed);
  return {};
}

}  // namespace

// ---------- Interrupt

PostgresInterrupt::PostgresInterrupt(pg_cancel* cancel, int socket) : cancel_(cancel), socket_(socket) {}

PostgresInterrupt::~PostgresInterrupt() {
  PQfreeCancel(cancel_);
  close(socket_);
}

bool PostgresInterrupt::Begin() {
  return state_.With([](State& state) {
    state.running = true;
    return !state.broken;
  });
}

std::optional<ErrorCode> PostgresInterrupt::End() {
  return state_.With([](State& state) {
    state.running = false;
    if (state.cancels > 0) state.broken = true;
    return std::exchange(state.why, std::nullopt);
  });
}

void PostgresInterrupt::Cancel(ErrorCode why) noexcept {
  const bool ask = state_.With([&](State& state) {
    if (!state.running || state.broken) return false;
    if (!state.why) state.why = why;
    ++state.cancels;
    return true;
  });
  if (!ask) return;
  std::array<char, 256> message;  // a request that does not arrive is the deadline's to follow up
  PQcancel(cancel_, message.data(), message.size());
  state_.With([](State& state) { --state.cancels; });
}

void PostgresInterrupt::Sever(ErrorCode why) noexcept {
  state_.With([&](State& state) {
    if (!state.why) state.why = why;
    state.broken = true;
  });
  shutdown(socket_, SHUT_RDWR);
}

void PostgresInterrupt::Break() noexcept {
  state_.With([](State& state) { state.broken = true; });
  shutdown(socket_, SHUT_RDWR);
}

bool PostgresInterrupt::Healthy() const noexcept {
  return state_.With([this](const State& state) {
    if (state.broken) return false;
    return state.running || WaitFor(socket_, POLLIN, std::chrono::milliseconds(0)) == 0;
  });
}

// ---------- Link

void PostgresLink::Free::operator()(pg_result* result) const { PQclear(result); }

void PostgresLink::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

PostgresLink::PostgresLink(Handle connection, std::unique_ptr<PostgresInterrupt> interrupt)
    : interrupt_(std::move(interrupt)), connection_(std::move(connection)) {}

Result<PostgresLink> PostgresLink::Open(const ConnectOptions& options, std::stop_token stop) {
  if (stop.stop_requested()) return MakeError(ErrorCode::kCancelled, "stopped before connecting");
  AMONT_TRY_VOID(CheckUrl(options.url));

  // The URL stands first, so that what follows prevails over it.
  std::vector<const char*> keywords = {"dbname", "application_name", "client_encoding"};
  std::vector<const char*> values = {options.url.c_str(), "amont", "UTF8"};
  if (!options.password.empty()) {
    keywords.push_back("password");
    values.push_back(options.password.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Handle connection(PQconnectStartParams(keywords.data(), values.data(), /*expand_dbname=*/1));
  if (connection == nullptr) return MakeError(ErrorCode::kInternal, "out of memory");
  PQsetErrorVerbosity(connection.get(),
                      PQERRORS_VERBOSE);  // with the SQLSTATE, which failing to connect lacks else
  PQsetNoticeReceiver(
      connection.get(), [](void*, const PGresult*) {}, nullptr);
  AMONT_TRY_VOID(WaitConnected(connection.get(), stop));

  PQsetnonblocking(connection.get(), 1);
  const int socket = fcntl(PQsocket(connection.get()), F_DUPFD_CLOEXEC, 0);
  if (socket < 0) return MakeError(ErrorCode::kInternal, "no file descriptor left for a connection");
  auto interrupt = std::make_unique<PostgresInterrupt>(PQgetCancel(connection.get()), socket);
  if (PQenterPipelineMode(connection.get()) != 1) {
    return MakeError(ErrorCode::kInternal, "libpq does not enter pipeline mode");
  }
  return PostgresLink(std::move(connection), std::move(interrupt));
}

Result<void> PostgresLink::WaitConnected(pg_conn* connection, const std::stop_token& stop) {
  const std::chrono::milliseconds timeout = ConnectTimeout(connection);
  std::chrono::milliseconds waited(0);  // counted in steps without an answer
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(connection) != CONNECTION_BAD) {
    if (stop.stop_requested()) return MakeError(ErrorCode::kCancelled, "stopped while connecting");
    const short wanted = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (WaitFor(PQsocket(connection), wanted, limits::kPollStep) == 0) {
      waited += limits::kPollStep;
      if (waited < timeout) continue;
      return MakeError(ErrorCode::kUnreachable, "no answer within " + HumanDuration(timeout));
    }
    state = PQconnectPoll(connection);
    if (state == PGRES_POLLING_OK) return {};
    if (state == PGRES_POLLING_FAILED) break;
  }
  return PostgresConnectError(PQerrorMessage(connection));
}

void PostgresLink::Send(const char* sql, const PostgresParams& params) {
  const int count = static_cast<int>(params.texts.size());
  const int sent =
      PQsendQueryParams(connection_.get(), sql, count, params.types.data(), params.Pointers().data(),
                        /*paramLengths=*/nullptr, /*paramFormats=*/nullptr, /*resultFormat=*/0);
  if (sent == 0) interrupt_->Break();
}

void PostgresLink::Prepare(const std::string& sql, const PostgresParams& params) {
  const int count = static_cast<int>(params.types.size());
  if (PQsendPrepare(connection_.get(), "", sql.c_str(), count, params.types.data()) == 0 ||
      PQsendDescribePrepared(connection_.get(), "") == 0) {
    interrupt_->Break();
  }
}

void PostgresLink::Execute(const PostgresParams& params) {
  const int count = static_cast<int>(params.texts.size());
  const int sent =
      PQsendQueryPrepared(connection_.get(), "", count, params.Pointers().data(),
                          /*paramLengths=*/nullptr, /*paramFormats=*/nullptr, /*resultFormat=*/0);
  if (sent == 0) interrupt_->Break();
}

void PostgresLink::Sync() {
  if (PQpipelineSync(connection_.get()) == 0) interrupt_->Break();
}

bool PostgresLink::Begin(std::stop_token stop) {
  stop_ = std::move(stop);
  stopped_for_ = std::chrono::milliseconds(0);
  return interrupt_->Begin();
}

std::optional<ErrorCode> PostgresLink::End() {
  if (lost()) interrupt_->Break();
  stop_ = {};
  return interrupt_->End();
}

PostgresLink::Reply PostgresLink::Next() {
  const auto step = stop_.stop_possible() ? std::chrono::milliseconds(limits::kPollStep) : kForever;
  while (!lost()) {
    const bool unsent = PQflush(connection_.get()) > 0;
    if (PQisBusy(connection_.get()) == 0) break;
    const short wanted = static_cast<short>(POLLIN | (unsent ? POLLOUT : 0));
    const short ready = WaitFor(PQsocket(connection_.get()), wanted, step);
    if (ready == 0 && stop_.stop_requested()) stopped_for_ += step;
    if (stopped_for_ > limits::kSeverAfter) interrupt_->Sever(ErrorCode::kCancelled);
    if ((ready & ~POLLOUT) != 0) PQconsumeInput(connection_.get());  // a failure makes us lost()
  }
  return Reply(PQgetResult(connection_.get()));
}

void PostgresLink::ReadRowByRow() { PQsetSingleRowMode(connection_.get()); }

bool PostgresLink::lost() const {
  return PQstatus(connection_.get()) == CONNECTION_BAD || PQsocket(connection_.get()) < 0;
}

bool PostgresLink::idle() const { return PQtransactionStatus(connection_.get()) == PQTRANS_IDLE; }

}  // namespace amont
