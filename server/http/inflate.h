// BodyReader: takes a request's body as it comes in, inflates it where it is gzip, and stops at a limit of
// inflated bytes, so that a small bomb never becomes large. One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace amont {

class BodyReader {
 public:
  enum class State {
    kWell,
    kTooLarge,  // more than the limit
    kBroken,    // not gzip, or cut
  };

  BodyReader(bool gzip, size_t bytes_max);
  ~BodyReader();

  // Takes the next bytes; those after the body was found too large or broken are dropped.
  void Take(std::string_view bytes);
  // Nothing more will come.
  void End();

  State state() const { return state_; }
  size_t dropped() const { return dropped_; }  // bytes
  size_t held() const { return body_.capacity(); }
  std::string TakeBody() { return std::move(body_); }

 private:
  struct Stream;

  void Append(std::string_view bytes);
  void Inflate(std::string_view bytes);

  size_t bytes_max_;
  State state_ = State::kWell;
  size_t dropped_ = 0;
  std::string body_;
  std::unique_ptr<Stream> stream_;  // null: the body comes as it is
};

}  // namespace amont
