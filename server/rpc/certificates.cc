#include "server/rpc/certificates.h"

#include <fmt/format.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/file.h"
#include "core/limits.h"
#include "core/quoted.h"

namespace amont {

namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

Bio Open(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// A key with a password is refused, not asked about on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

Error Wrong(const std::string& file, const std::string& why) {
  ERR_clear_error();
  return MakeError(ErrorCode::kInvalid, fmt::format("{}: {}", file, why));
}

std::string TimeText(const ASN1_TIME* time) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (ASN1_TIME_print(bio.get(), time) != 1) return "an unreadable date";
  const char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

// The first certificate of a PEM text, valid today.
Result<X509Ptr> FirstCertificate(const std::string& file, const std::string& text) {
  const Bio bio = Open(text);
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassword, nullptr));
  if (!certificate) return Wrong(file, "no PEM certificate is in it");
  const ASN1_TIME* end = X509_get0_notAfter(certificate.get());
  if (X509_cmp_current_time(end) < 0) return Wrong(file, "the certificate expired on " + TimeText(end));
  const ASN1_TIME* begin = X509_get0_notBefore(certificate.get());
  if (X509_cmp_current_time(begin) > 0) {
    return Wrong(file, "the certificate is not valid before " + TimeText(begin));
  }
  return certificate;
}

// Gives the certificates that hold now to each handshake. gRPC's own classes either never look again or poll
// the files from a thread; its C interface asks at each connection.
class ReloadedCredentials final : public grpc::ServerCredentials {
 public:
  explicit ReloadedCredentials(std::shared_ptr<const Published<Certificates>> current)
      : fetcher_{std::move(current), {}} {
    const bool mutual = !fetcher_.current->Get()->client_ca.empty();
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            mutual ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                   : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
            Fetch, &fetcher_));
  }
  ~ReloadedCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  struct Fetcher {
    std::shared_ptr<const Published<Certificates>> current;
    Guarded<std::shared_ptr<const Certificates>> given;
  };

  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  // Called by gRPC's threads before a handshake.
  static grpc_ssl_certificate_config_reload_status Fetch(void* data,
                                                         grpc_ssl_server_certificate_config** config) {
    auto& fetcher = *static_cast<Fetcher*>(data);
    const auto now = fetcher.current->Get();
    const bool same = fetcher.given.With([&](std::shared_ptr<const Certificates>& given) {
      if (given == now) return true;
      given = now;
      return false;
    });
    if (same) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair = {now->key.c_str(), now->chain.c_str()};
    // The library insists on authorities here, also where it will never ask a client for a certificate.
    const std::string& authorities = now->client_ca.empty() ? now->chain : now->client_ca;
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  Fetcher fetcher_;
  grpc_server_credentials* credentials_ = nullptr;
};

}  // namespace

Result<std::shared_ptr<const Certificates>> ReadCertificates(const TlsConfig& config) {
  auto read = std::make_shared<Certificates>();
  AMONT_TRY(read->chain, ReadFile(config.cert_file, limits::kPemBytesMax));
  AMONT_TRY(read->key, ReadFile(config.key_file, limits::kPemBytesMax));
  AMONT_TRY(const X509Ptr certificate, FirstCertificate(config.cert_file, read->chain));
  const Bio bio = Open(read->key);
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  if (!key) return Wrong(config.key_file, "no PEM private key without a password is in it");
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Wrong(config.key_file, "this is not the key of the certificate in " + config.cert_file);
  }
  if (!config.client_ca_file.empty()) {
    AMONT_TRY(read->client_ca, ReadFile(config.client_ca_file, limits::kPemBytesMax));
    AMONT_TRY(const X509Ptr authority, FirstCertificate(config.client_ca_file, read->client_ca));
  }
  return std::shared_ptr<const Certificates>(std::move(read));
}

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    std::shared_ptr<const Published<Certificates>> current) {
  return std::make_shared<ReloadedCredentials>(std::move(current));
}

}  // namespace amont
