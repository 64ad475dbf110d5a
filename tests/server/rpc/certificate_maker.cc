#include "tests/server/rpc/certificate_maker.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdlib>

namespace amont::testing {

namespace {

constexpr long kDay = 86'400;

void Must(bool good) {
  if (!good) std::abort();
}

std::string Text(BIO* bio) {
  const char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

std::string Pem(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  Must(PEM_write_bio_X509(bio, certificate) == 1);
  return Text(bio);
}

void Extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

X509* Sign(EVP_PKEY* key, const std::string& name, X509* issuer, EVP_PKEY* issuer_key, int from_days,
           int to_days) {
  static std::atomic<long> serial = 1;
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), to_days * kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate, key);
  X509* parent = issuer ? issuer : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(parent));
  if (issuer) {
    Extend(certificate, parent, NID_subject_alt_name, "DNS:" + name);
  } else {
    Extend(certificate, parent, NID_basic_constraints, "critical,CA:TRUE");
  }
  Must(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace

CertificateMaker::CertificateMaker(const std::string& name)
    : key_(EVP_EC_gen("P-256")), certificate_(Sign(key_, name, nullptr, key_, -1, 30)) {}

CertificateMaker::~CertificateMaker() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

std::string CertificateMaker::Authority() const { return Pem(certificate_); }

CertificateMaker::Pair CertificateMaker::Issue(const std::string& name, int from_days, int to_days) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = Sign(key, name, certificate_, key_, from_days, to_days);
  Pair pair;
  pair.certificate = Pem(certificate);
  BIO* bio = BIO_new(BIO_s_mem());
  Must(PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  pair.key = Text(bio);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pair;
}

}  // namespace amont::testing
