// Certificates: the PEM files of [serve].tls, read and checked before anybody is served with them.
//
// Files are read at start and at every reload; a connection begun after a reload gets the new ones, those
// that are open stay. Files that make no sense together are an Error that names the file, and the old ones go
// on.
#pragma once

#include <memory>
#include <string>

#include "core/guarded.h"
#include "core/result.h"
#include "server/config/serve.h"

namespace grpc {
class ServerCredentials;
}

namespace amont {

struct Certificates {
  std::string chain;      // PEM, ours first
  std::string key;        // PEM
  std::string client_ca;  // PEM; empty: clients need no certificate
};

// kInvalid: no certificate or key in it, a key of another certificate, expired; kNotFound, kPermission.
Result<std::shared_ptr<const Certificates>> ReadCertificates(const TlsConfig& config);

// Credentials that look into `current` at every handshake. Clients need a certificate of `client_ca` where
// there is one now; whether there is one does not change later. Must outlive the server that it is given to.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    std::shared_ptr<const Published<Certificates>> current);

}  // namespace amont
