#include "core/unicode.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

TEST(DecodeUtf8, ReadsWholeCharacters) {
  const auto value = [](std::string_view text) { return static_cast<uint32_t>(DecodeUtf8(text, 0).value); };
  EXPECT_EQ(value("a"), 0x61u);
  EXPECT_EQ(value("é"), 0xe9u);
  EXPECT_EQ(value("表"), 0x8868u);
  EXPECT_EQ(value("🎉"), 0x1f389u);
  EXPECT_EQ(value("\xf4\x8f\xbf\xbf"), 0x10ffffu);
  EXPECT_EQ(DecodeUtf8("a🎉", 1).bytes, 4u);
}

TEST(DecodeUtf8, TakesBadBytesOneByOne) {
  // A lone continuation, an overlong slash, a surrogate, a value above Unicode, a cut sequence, a wrong
  // continuation.
  for (std::string_view bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                               "\xf8\x88\x80\x80", "\xe8\xa1", "\xc3(", "\xf0\x8f\xbf\xbf"}) {
    const CodePoint c = DecodeUtf8(bad, 0);
    EXPECT_FALSE(c.valid);
    EXPECT_EQ(c.bytes, 1u);
    EXPECT_EQ(c.value, static_cast<unsigned char>(bad[0]));
  }
}

TEST(DisplayWidth, CountsTerminalColumns) {
  EXPECT_EQ(DisplayWidth("orders"), 6);
  EXPECT_EQ(DisplayWidth("été"), 3);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1);
  EXPECT_EQ(DisplayWidth("表データ"), 8);
  EXPECT_EQ(DisplayWidth("🎉"), 2);
  EXPECT_EQ(DisplayWidth("한글"), 4);
  EXPECT_EQ(DisplayWidth("…"), 1);
  EXPECT_EQ(DisplayWidth("\x1b"), 4);  // as it is printed: \x1b
}

TEST(Printable, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(Printable("été 表 🎉"), "été 表 🎉");
  EXPECT_EQ(Printable("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(Printable("\x1b[31m\x7f"), "\\x1b[31m\\x7f");
  EXPECT_EQ(Printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(Printable("\xc2\x9b"), "\\u{9b}");              // the one-byte CSI of some terminals
  EXPECT_EQ(Printable("a\xe2\x80\xae b"), "a\\u{202e} b");  // right-to-left override
  EXPECT_EQ(Printable("\xff\xc3"), "\\xff\\xc3");
}

TEST(RepairUtf8, ReplacesOnlyBadBytes) {
  EXPECT_EQ(RepairUtf8("é\n"), "é\n");
  EXPECT_EQ(RepairUtf8("a\xff\xc3"), "a\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace amont
