// [serve]: where the service listens, and who may talk to it. Values.
//
// A listener that other machines can reach needs both `tls` and `auth`, or `insecure = true`: otherwise the
// configuration is wrong, with the listener's place. Files are named, not read: a reload reads them anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/diagnostic.h"
#include "core/result.h"
#include "core/toml_reader.h"

namespace amont {

// HOST:PORT. Port 0: any free one.
struct ListenAddress {
  std::string host;  // without the brackets of an IPv6 address; empty: every address of the machine
  uint16_t port = 0;

  // Only this machine can reach it: 127.0.0.0/8, ::1 or localhost.
  bool IsLoopback() const;
  std::string Text() const;  // "127.0.0.1:7433", "[::1]:7433", "0.0.0.0:7433"
  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:7433", "[::1]:0", "localhost:7433", ":7433" (every address). kInvalid says what is wrong.
Result<ListenAddress> ParseListenAddress(const std::string& text);

struct TlsConfig {
  std::string cert_file;       // PEM, the chain
  std::string key_file;        // PEM
  std::string client_ca_file;  // empty: clients need no certificate
};

struct ServeConfig {
  ListenAddress grpc = {"127.0.0.1", 7433};
  ListenAddress http = {"127.0.0.1", 7434};
  std::optional<TlsConfig> tls;
  std::string tokens_file;  // empty: nobody is asked for a token
  bool insecure = false;    // listen to other machines without tls or auth, knowingly
};

// Reads the table; relative files are relative to `directory`.
ServeConfig ReadServe(const TomlNode& node, const std::string& directory, Diagnostics& diagnostics);

}  // namespace amont
