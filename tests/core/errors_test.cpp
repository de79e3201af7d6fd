// SPDX-License-Identifier: MIT
#include "minitorch/core/errors.h"

#include <catch2/catch.hpp>

#include "minitorch/core/printable.h"

using namespace minitorch;

TEST_CASE("what a hostile file is called commands no terminal") {
  CHECK(printable("plain, naïve\n\ttext") == "plain, naïve\n\ttext");
  CHECK(printable("\x1b[2Jgone\r\x7f") == "\\x1b[2Jgone\\x0d\\x7f");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\xc2\\x9b31m");
  CHECK(printable(std::string(10, 'a'), 4) == "aaaa... and 6 bytes more");
  CHECK(printable("aéé", 4) == "aé... and 2 bytes more");
}

TEST_CASE("errors carry their exit codes and hints") {
  CHECK(FileError("x").exit_code() == 4);
  CHECK(OutOfMemory("x").exit_code() == 5);
  CHECK(ValueError("x").exit_code() == 2);
  CHECK(DeviceError("x").exit_code() == 3);
  CHECK(ShapeError("x", "y").hint() == "y");
}
