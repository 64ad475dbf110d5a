#include "server/config/serve.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <set>

#include "core/quoted.h"

namespace amont {
namespace {

std::string Absolute(const std::string& directory, const std::string& file) {
  return file.empty() ? file : (std::filesystem::path(directory) / file).lexically_normal().string();
}

class ServeReader {
 public:
  ServeReader(const TomlNode& node, const std::string& directory, Diagnostics& diagnostics)
      : reader_(node, "[serve]", diagnostics), directory_(directory), diagnostics_(diagnostics) {}

  ServeConfig Read() {
    ReadAddress("grpc", serve_.grpc);
    ReadAddress("http", serve_.http);
    ReadTls();
    ReadAuth();
    serve_.insecure = reader_.Boolean("insecure").value_or(false);
    if (serve_.grpc == serve_.http && serve_.grpc.port != 0) {
      diagnostics_.Error(reader_.Place("http"), "`grpc` and `http` cannot listen at the same place");
    }
    RejectOpen("grpc", serve_.grpc);
    RejectOpen("http", serve_.http);
    reader_.RejectUnknown();
    return serve_;
  }

 private:
  void ReadAddress(std::string_view key, ListenAddress& address) {
    const std::optional<std::string> text = reader_.String(key);
    if (!text) return;
    const Result<ListenAddress> parsed = ParseListenAddress(*text);
    if (parsed) {
      address = *parsed;
    } else {
      diagnostics_.Error(reader_.Place(key), parsed.error().message);
    }
  }

  // The table under `key`, or null (with a diagnostic where it is something else).
  const TomlNode* Table(std::string_view key, std::string_view example) {
    const TomlEntry* entry = reader_.Find(key);
    if (entry == nullptr || entry->node.AsTable() != nullptr)
      return entry == nullptr ? nullptr : &entry->node;
    diagnostics_.Error(entry->node.span, fmt::format("`{}` must be a table: {}", key, example));
    return nullptr;
  }

  void ReadTls() {
    const TomlNode* node = Table("tls", R"({ cert_file = "cert.pem", key_file = "key.pem" })");
    if (node == nullptr) return;
    TomlReader tls(*node, "`tls`", diagnostics_);
    TlsConfig files;
    files.cert_file = Absolute(directory_, tls.String("cert_file").value_or(""));
    files.key_file = Absolute(directory_, tls.String("key_file").value_or(""));
    files.client_ca_file = Absolute(directory_, tls.String("client_ca_file").value_or(""));
    if (files.cert_file.empty() || files.key_file.empty()) {
      diagnostics_.Error(node->span, "`tls` needs both `cert_file` and `key_file`");
    }
    tls.RejectUnknown();
    serve_.tls = std::move(files);
  }

  void ReadAuth() {
    const TomlNode* node = Table("auth", R"({ tokens_file = "tokens.toml" })");
    if (node == nullptr) return;
    TomlReader auth(*node, "`auth`", diagnostics_);
    serve_.tokens_file = Absolute(directory_, auth.String("tokens_file").value_or(""));
    if (serve_.tokens_file.empty()) diagnostics_.Error(node->span, "`auth` needs `tokens_file`");
    auth.RejectUnknown();
  }

  void RejectOpen(std::string_view key, const ListenAddress& address) {
    if (address.IsLoopback() || serve_.insecure || (serve_.tls && !serve_.tokens_file.empty())) return;
    const std::string_view lacks = serve_.tls                   ? "`auth`"
                                   : serve_.tokens_file.empty() ? "`tls` and `auth`"
                                                                : "`tls`";
    diagnostics_.Error(
        reader_.Place(key),
        fmt::format("other machines can reach {}, and [serve] has no {}", address.Text(), lacks),
        "listen on 127.0.0.1, add them, or say `insecure = true`");
  }

  TomlReader reader_;
  const std::string& directory_;
  Diagnostics& diagnostics_;
  ServeConfig serve_;
};

}  // namespace

bool ListenAddress::IsLoopback() const {
  in_addr four = {};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six = {};
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return host == "localhost";
}

std::string ListenAddress::Text() const {
  if (host.empty()) return fmt::format("0.0.0.0:{}", port);
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

Result<ListenAddress> ParseListenAddress(const std::string& text) {
  const auto wrong = [&](std::string_view why) {
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("{} is no address to listen at ({}): HOST:PORT, such as 127.0.0.1:7433",
                                 Quoted(text), why));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return wrong("it has no port");
  ListenAddress address;
  address.host = text.substr(0, colon);
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (failed != std::errc() || rest != end) return wrong("a port is a number up to 65535");
  std::string& host = address.host;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    in6_addr six = {};
    if (inet_pton(AF_INET6, host.c_str(), &six) != 1) return wrong("no IPv6 address stands in the brackets");
  } else if (host.find(':') != std::string::npos) {
    return wrong("an IPv6 address stands in brackets");
  } else if (host.find_first_of(" /@") != std::string::npos) {
    return wrong("a host has no such letters");
  }
  return address;
}

ServeConfig ReadServe(const TomlNode& node, const std::string& directory, Diagnostics& diagnostics) {
  return ServeReader(node, directory, diagnostics).Read();
}

}  // namespace amont
