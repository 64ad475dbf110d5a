#include "server/http/inflate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/testing/gzip.h"

namespace amont {
namespace {

using State = BodyReader::State;

// A body that arrives in bits of `step` bytes.
State Take(BodyReader& reader, std::string_view bytes, size_t step) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    reader.Take(bytes.substr(0, step));
  }
  reader.End();
  return reader.state();
}

TEST(BodyReader, PlainBytesPassUpToTheLimit) {
  BodyReader fits(false, 5);
  EXPECT_EQ(Take(fits, "hello", 2), State::kWell);
  EXPECT_EQ(fits.TakeBody(), "hello");
  BodyReader over(false, 4);
  EXPECT_EQ(Take(over, "hello", 2), State::kTooLarge);
  EXPECT_EQ(over.TakeBody(), "");
}

TEST(BodyReader, GzipIsInflatedHoweverItIsCut) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919);
  const std::string bytes = testing::Gzip(text);
  for (const size_t step : {size_t{1}, size_t{7}, size_t{1000}, bytes.size()}) {
    BodyReader reader(true, text.size());
    EXPECT_EQ(Take(reader, bytes, step), State::kWell);
    EXPECT_EQ(reader.TakeBody(), text);
  }
}

TEST(BodyReader, MembersOneAfterAnotherAreOneBody) {
  BodyReader reader(true, 100);
  EXPECT_EQ(Take(reader, testing::Gzip("one ") + testing::Gzip("two"), 3), State::kWell);
  EXPECT_EQ(reader.TakeBody(), "one two");
}

TEST(BodyReader, ABombStopsAtTheLimitOfInflatedBytes) {
  const std::string bomb = testing::Gzip(std::string(100u << 20, 'a'));
  BodyReader reader(true, 1u << 20);
  EXPECT_EQ(Take(reader, bomb, 4096), State::kTooLarge);
  EXPECT_GT(reader.dropped(), bomb.size() / 2);  // it stopped near the start
  EXPECT_EQ(reader.TakeBody(), "");
}

TEST(BodyReader, WhatIsNotWholeGzipIsBroken) {
  const std::string whole = testing::Gzip("a body that is whole");
  for (size_t bytes = 1; bytes < whole.size(); ++bytes) {
    BodyReader cut(true, 100);
    EXPECT_EQ(Take(cut, whole.substr(0, bytes), 5), State::kBroken) << bytes;
  }
  std::string damaged = whole;
  damaged[damaged.size() - 6] ^= 1;  // in the checksum
  for (const std::string& bytes : {std::string("plain text"), damaged, whole + "rest"}) {
    BodyReader reader(true, 100);
    EXPECT_EQ(Take(reader, bytes, 5), State::kBroken);
  }
}

}  // namespace
}  // namespace amont
