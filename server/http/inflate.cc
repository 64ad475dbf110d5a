#include "server/http/inflate.h"

#include <zlib.h>

#include <array>
#include <new>

namespace amont {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to say: with gzip's header and trailer
constexpr size_t kStep = 16u << 10;

}  // namespace

struct BodyReader::Stream {
  z_stream z = {};
  bool inside = false;  // a member has begun and not ended

  Stream() {
    if (inflateInit2(&z, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

BodyReader::BodyReader(bool gzip, size_t bytes_max)
    : bytes_max_(bytes_max), stream_(gzip ? std::make_unique<Stream>() : nullptr) {}
BodyReader::~BodyReader() = default;

void BodyReader::Take(std::string_view bytes) {
  if (state_ != State::kWell) {
    dropped_ += bytes.size();
  } else if (stream_ != nullptr) {
    Inflate(bytes);
  } else {
    Append(bytes);
  }
}

void BodyReader::End() {
  if (state_ == State::kWell && stream_ != nullptr && stream_->inside) state_ = State::kBroken;
}

void BodyReader::Append(std::string_view bytes) {
  if (bytes.size() > bytes_max_ - body_.size()) {
    state_ = State::kTooLarge;
    body_ = {};
    return;
  }
  body_ += bytes;
}

void BodyReader::Inflate(std::string_view bytes) {
  z_stream& z = stream_->z;
  std::array<char, kStep> step;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  bool full = false;  // the last step filled the buffer: more may wait inside
  while (state_ == State::kWell && (z.avail_in > 0 || full)) {
    z.next_out = reinterpret_cast<Bytef*>(step.data());
    z.avail_out = static_cast<uInt>(step.size());
    stream_->inside = true;
    const int result = inflate(&z, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      state_ = State::kBroken;
      return;
    }
    full = z.avail_out == 0;
    Append(std::string_view(step.data(), step.size() - z.avail_out));
    if (result != Z_STREAM_END) continue;
    stream_->inside = false;  // another member may follow
    full = false;
    inflateReset(&z);
  }
}

}  // namespace amont
