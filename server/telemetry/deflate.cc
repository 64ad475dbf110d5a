#include "server/telemetry/deflate.h"

#include <zlib.h>

#include <new>

namespace amont {
namespace {

constexpr int kRawWindow = -15;  // no header of zlib or gzip
constexpr int kMemory = 8;       // zlib's own default
constexpr char kEmptyFinalBlock[] = {'\x03', '\x00'};

const Bytef* Bytes(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }
Bytef* Bytes(std::string& text) { return reinterpret_cast<Bytef*>(text.data()); }

void AppendLittleEndian(std::string& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>((value >> shift) & 0xff);
}

}  // namespace

struct Deflater::Stream {
  z_stream z = {};
};

Deflater::Deflater() : stream_(std::make_unique<Stream>()) {
  if (deflateInit2(&stream_->z, 1, Z_DEFLATED, kRawWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

Deflater::~Deflater() { deflateEnd(&stream_->z); }

Deflated Deflater::Deflate(std::string_view text) {
  z_stream& z = stream_->z;
  deflateReset(&z);
  std::string buffer(deflateBound(&z, text.size()) + 16, '\0');  // the flush adds a few bytes of its own
  z.next_in = const_cast<Bytef*>(Bytes(text));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = Bytes(buffer);
  z.avail_out = static_cast<uInt>(buffer.size());
  deflate(&z, Z_FULL_FLUSH);
  Deflated deflated;
  deflated.bytes.assign(buffer, 0, buffer.size() - z.avail_out);
  deflated.length = text.size();
  deflated.crc = CrcOf(text);
  deflated.crc_shift = static_cast<uint32_t>(crc32_combine_gen(static_cast<z_off_t>(text.size())));
  return deflated;
}

std::string Inflate(const Deflated& deflated) {
  std::string text(deflated.length, '\0');
  z_stream z = {};
  if (inflateInit2(&z, kRawWindow) != Z_OK) throw std::bad_alloc();
  z.next_in = const_cast<Bytef*>(Bytes(std::string_view(deflated.bytes)));
  z.avail_in = static_cast<uInt>(deflated.bytes.size());
  z.next_out = Bytes(text);
  z.avail_out = static_cast<uInt>(text.size());
  inflate(&z, Z_SYNC_FLUSH);
  inflateEnd(&z);
  return text;
}

uint32_t CrcOf(std::string_view text) {
  return static_cast<uint32_t>(crc32(0, Bytes(text), static_cast<uInt>(text.size())));
}

void GzipSum::Add(const Deflated& next) {
  crc = static_cast<uint32_t>(crc32_combine_op(crc, next.crc, next.crc_shift));
  length += next.length;
}

void GzipSum::Add(const GzipSum& next) {
  crc = static_cast<uint32_t>(crc32_combine(crc, next.crc, static_cast<z_off_t>(next.length)));
  length += next.length;
}

std::string GzipHead() { return {'\x1f', '\x8b', '\x08', 0, 0, 0, 0, 0, 4, '\x03'}; }

std::string GzipTail(const GzipSum& sum) {
  std::string tail(kEmptyFinalBlock, sizeof kEmptyFinalBlock);
  AppendLittleEndian(tail, sum.crc);
  AppendLittleEndian(tail, static_cast<uint32_t>(sum.length));
  return tail;
}

}  // namespace amont
