#include "tests/testing/gzip.h"

#include <zlib.h>

#include <array>

namespace amont::testing {
namespace {

constexpr int kGzipWindow = 15 + 16;

Bytef* Bytes(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

}  // namespace

std::string Gzip(std::string_view text) {
  z_stream z = {};
  deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY);
  std::string bytes(deflateBound(&z, text.size()), '\0');
  z.next_in = Bytes(text);
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = Bytes(bytes);
  z.avail_out = static_cast<uInt>(bytes.size());
  deflate(&z, Z_FINISH);
  bytes.resize(z.total_out);
  deflateEnd(&z);
  return bytes;
}

std::optional<std::string> Gunzip(std::string_view bytes) {
  z_stream z = {};
  inflateInit2(&z, kGzipWindow);
  z.next_in = Bytes(bytes);
  z.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  std::array<char, 65536> step;
  int result = Z_OK;
  while (result == Z_OK) {
    z.next_out = reinterpret_cast<Bytef*>(step.data());
    z.avail_out = step.size();
    result = inflate(&z, Z_NO_FLUSH);
    text.append(step.data(), step.size() - z.avail_out);
  }
  const bool whole = result == Z_STREAM_END && z.avail_in == 0;
  inflateEnd(&z);
  if (!whole) return std::nullopt;
  return text;
}

}  // namespace amont::testing
