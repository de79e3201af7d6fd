// SPDX-License-Identifier: MIT
// Text in columns of a terminal, letters of several bytes included.
#include "fastcore/basics/columns.h"

#include <catch2/catch.hpp>

using namespace fastcore;

TEST_CASE("width, padding and cutting count characters, not bytes") {
  CHECK(text_width("Zürich") == 6);
  CHECK(pad_left("né", 4) == "  né");
  CHECK(pad_right("né", 4) == "né  ");
  CHECK(pad_right("longer", 4) == "longer");
  CHECK(byte_of_column("né!", 2) == 3);
  CHECK(byte_of_column("né!", 9) == 4);
  CHECK(shortened("ééééé", 5) == "ééééé");
  CHECK(shortened("éééééé", 5) == "éé...");
  CHECK(shortened("abcdef", 2) == "...");
}

TEST_CASE("rows are aligned by their widest cells, without spaces at the end") {
  CHECK(aligned({{"name", "n"}, {"Zürich", "1"}, {"", ""}, {"x"}}) == "name    n\nZürich  1\n\nx\n");
  CHECK(aligned({}).empty());
}

TEST_CASE("a text is broken at spaces, and goes on below itself") {
  CHECK(wrapped("one two three", 80) == "one two three");
  CHECK(wrapped("one two three", 7) == "one two\nthree");
  CHECK(wrapped("one two three", 7, 2) == "one two\n  three");
  CHECK(wrapped("a marvellously long word", 6, 1) == "a\n marvellously\n long\n word");
  CHECK(wrapped("Zoë Ångström", 12) == "Zoë Ångström");  // twelve columns, fifteen bytes
  CHECK(wrapped("", 10, 4) == "");
}
