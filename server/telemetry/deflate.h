// Texts deflated apart and joined into one gzip member without compressing again.
//
// Values; a Deflater is used by one thread at a time. Running out of memory ends the program, as elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace amont {

// A text, deflated at level 1 so that it can stand anywhere in a stream.
struct Deflated {
  std::string bytes;
  size_t length = 0;       // of the text
  uint32_t crc = 0;        // of the text
  uint32_t crc_shift = 0;  // how `length` more bytes change a checksum before them
};

class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflated Deflate(std::string_view text);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

std::string Inflate(const Deflated& deflated);
uint32_t CrcOf(std::string_view text);

// What has been joined so far.
struct GzipSum {
  uint32_t crc = 0;
  size_t length = 0;

  void Add(const Deflated& next);
  void Add(const GzipSum& next);
};
std::string GzipHead();
std::string GzipTail(const GzipSum& sum);

}  // namespace amont
