#include "server/rpc/page_token.h"

#include <array>
#include <vector>

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace amont {

namespace {

constexpr size_t kMarkBytes =
    9;  // of the digest; a multiple of three keeps base64 without padding before the place

std::string MarkOf(std::string_view listing, std::string_view place) {
  std::string text(listing);
  text.push_back('\0');
  text += place;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest = {};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return std::string(reinterpret_cast<const char*>(digest.data()), kMarkBytes);
}

}  // namespace

std::string MakePageToken(std::string_view listing, std::string_view place) {
  if (place.empty()) return "";
  const std::string bytes = MarkOf(listing, place) + std::string(place);
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  for (char& letter : text) letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
  return text;
}

std::optional<std::string> ReadPageToken(std::string_view listing, std::string_view token) {
  if (token.empty()) return "";
  if (token.size() % 4 != 0 || token.size() > 8192) return std::nullopt;
  std::string text(token);
  size_t padding = 0;
  for (char& letter : text) {
    if (letter == '+' || letter == '/') return std::nullopt;
    letter = letter == '-' ? '+' : letter == '_' ? '/' : letter;
    padding += letter == '=';
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0 || padding > 2 || static_cast<size_t>(size) < kMarkBytes + 1 + padding) return std::nullopt;
  bytes.resize(static_cast<size_t>(size) - padding);
  std::string place = bytes.substr(kMarkBytes);
  if (bytes.substr(0, kMarkBytes) != MarkOf(listing, place)) return std::nullopt;
  return place;
}

}  // namespace amont
