// Reading requests from and writing answers to libmicrohttpd's connections. To be called from its callbacks.
#pragma once

#include <microhttpd.h>

#include "server/http/http_server.h"

namespace amont {

// All but the body.
HttpRequest ReadRequest(MHD_Connection* connection, const char* path, const char* method);

// Queues the answer; its pieces are made as the client takes them.
MHD_Result SendResponse(MHD_Connection* connection, HttpResponse response);

}  // namespace amont
