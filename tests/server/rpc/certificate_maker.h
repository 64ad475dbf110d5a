// Certificates made by OpenSSL for one test: an authority, and servers or clients of it.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace amont::testing {

class CertificateMaker {
 public:
  explicit CertificateMaker(const std::string& name);  // of the authority
  ~CertificateMaker();

  std::string Authority() const;  // PEM
  struct Pair {
    std::string certificate;  // PEM
    std::string key;          // PEM
  };
  // Valid from `from_days` to `to_days` from today, for the DNS name `name`.
  Pair Issue(const std::string& name, int from_days = -1, int to_days = 30) const;

 private:
  EVP_PKEY* key_;
  X509* certificate_;
};

}  // namespace amont::testing
