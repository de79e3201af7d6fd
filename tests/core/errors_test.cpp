// SPDX-License-Identifier: MIT
#include "minitorch/core/errors.h"

#include <catch2/catch.hpp>

#include "minitorch/core/printable.h"
#include "minitorch/core/utf8.h"

using namespace minitorch;

TEST_CASE("what a hostile file is called commands no terminal") {
  CHECK(printable("plain, naïve\n\ttext") == "plain, naïve\n\ttext");
  CHECK(printable("\x1b[2Jgone\r\x7f") == "\\x1b[2Jgone\\x0d\\x7f");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\xc2\\x9b31m");
  CHECK(printable(std::string(10, 'a'), 4) == "aaaa... and 6 bytes more");
  CHECK(printable("aéé", 4) == "aé... and 2 bytes more");
}

TEST_CASE("bytes that are not UTF-8 are told from those that are, and replaced") {
  for (const char* good : {"", "plain, and long enough for eight bytes at once", "é", "→", "\xf0\x9f\x98\x80",
                           "\xf4\x8f\xbf\xbf"}) {
    CHECK(is_utf8(good));
    CHECK(as_utf8(good) == good);
  }
  // Cut short, a second byte alone, longer than needed, a surrogate, beyond Unicode, never a byte of it.
  for (const char* bad :
       {"\xc3", "\xa9", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    const std::string text = "eight letters, " + std::string(bad) + "é";
    CHECK_FALSE(is_utf8(text));
    std::string wanted = "eight letters, ";
    for (std::size_t i = 0; i < std::string(bad).size(); ++i) wanted += "\xef\xbf\xbd";
    CHECK(as_utf8(text) == wanted + "é");
  }
}

TEST_CASE("errors carry their exit codes and hints") {
  CHECK(FileError("x").exit_code() == 4);
  CHECK(OutOfMemory("x").exit_code() == 5);
  CHECK(ValueError("x").exit_code() == 2);
  CHECK(DeviceError("x").exit_code() == 3);
  CHECK(ShapeError("x", "y").hint() == "y");
}
