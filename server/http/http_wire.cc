#include "server/http/http_wire.h"

#include <strings.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace amont {
namespace {

constexpr size_t kSendBytes = 64u << 10;  // asked of a body at once
constexpr std::string_view kBearer = "bearer ";

using Fields = std::map<std::string, std::string>;

MHD_Result AddQuery(void* fields, MHD_ValueKind /*kind*/, const char* name, const char* value) {
  static_cast<Fields*>(fields)->try_emplace(name, value == nullptr ? "" : value);
  return MHD_YES;
}

MHD_Result AddHeader(void* fields, MHD_ValueKind /*kind*/, const char* name, const char* value) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  static_cast<Fields*>(fields)->try_emplace(lower, value == nullptr ? "" : value);
  return MHD_YES;
}

// How far a body has been sent.
struct Sending {
  HttpBody body;
  size_t index = 0;
  size_t offset = 0;  // in the piece
  std::shared_ptr<const std::string> piece;
};

ssize_t SendMore(void* state, uint64_t /*position*/, char* buffer, size_t bytes_max) {
  Sending& sending = *static_cast<Sending*>(state);
  size_t filled = 0;
  while (filled < bytes_max) {
    if (sending.piece == nullptr) {
      sending.piece = sending.body.piece(sending.index++);
      sending.offset = 0;
      if (sending.piece == nullptr) break;
    }
    const size_t bytes = std::min(bytes_max - filled, sending.piece->size() - sending.offset);
    // NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes of a body
    std::memcpy(buffer + filled, sending.piece->data() + sending.offset, bytes);
    filled += bytes;
    sending.offset += bytes;
    if (sending.offset == sending.piece->size()) sending.piece = nullptr;
  }
  return filled > 0 ? static_cast<ssize_t>(filled) : MHD_CONTENT_READER_END_WITH_ERROR;
}

void ForgetSending(void* state) { delete static_cast<Sending*>(state); }

MHD_Response* MakeResponse(HttpBody body) {
  if (body.bytes == 0 || !body.piece) {
    return MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT);
  }
  auto sending = std::make_unique<Sending>();
  const size_t bytes = body.bytes;
  sending->body = std::move(body);
  MHD_Response* made = MHD_create_response_from_callback(bytes, std::min(bytes, kSendBytes), &SendMore,
                                                         sending.get(), &ForgetSending);
  if (made != nullptr) static_cast<void>(sending.release());
  return made;
}

}  // namespace

HttpRequest ReadRequest(MHD_Connection* connection, const char* path, const char* method) {
  HttpRequest request;
  request.method = method;
  request.path = path;
  MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, &AddQuery, &request.query);
  MHD_get_connection_values(connection, MHD_HEADER_KIND, &AddHeader, &request.headers);
  const std::string_view authorization = request.Header("authorization");
  if (authorization.size() > kBearer.size() &&
      strncasecmp(authorization.data(), kBearer.data(), kBearer.size()) == 0) {
    request.token = authorization.substr(kBearer.size());
  }
  return request;
}

MHD_Result SendResponse(MHD_Connection* connection, HttpResponse response) {
  MHD_Response* made = MakeResponse(std::move(response.body));
  if (made == nullptr) return MHD_NO;
  MHD_add_response_header(made, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  for (const auto& [name, value] : response.headers) {
    MHD_add_response_header(made, name.c_str(), value.c_str());
  }
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(response.status), made);
  MHD_destroy_response(made);
  return queued;
}

}  // namespace amont
