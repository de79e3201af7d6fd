// SPDX-License-Identifier: MIT
// Tables from files and back: comma-separated values as RFC 4180 has them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fastcore/basics/path.h"
#include "fastcore/frame/data_frame.h"

namespace fastcore {

struct CsvOptions {
  char separator = ',';
  bool header = true;                        ///< the first line names the columns
  std::vector<std::string> names = {};       ///< names instead of the header's
  std::vector<Cell> usecols = {};            ///< only these columns, by name or by number
  Dict<std::string, ColumnType> dtype = {};  ///< types that are not to be found out
  std::vector<std::string> na_values =
      {};                          ///< further texts that mean a missing value, numbers too: {"-999"}
  int64_t skiprows = 0;            ///< lines to leave out before the header
  int64_t nrows = -1;              ///< at most so many rows
  std::string encoding = "utf-8";  ///< or "latin-1"
  bool skipinitialspace = false;   ///< leave out spaces that a field begins with: "a, b" as "a,b"
};

/// @brief A table from a file. Columns of whole numbers, numbers and truths are recognised; others hold
/// texts.
///
/// Fields may be quoted, a quote inside one is written twice, line breaks inside one are kept. Lines end in
/// LF, CR LF or CR; empty ones and those of spaces and tabs are skipped. A line that is too short ends in
/// missing values. An empty field, NA, NaN, nan, NULL, null, None, N/A and what else pandas takes so is
/// missing; whole numbers with missing ones become numbers. Where one of them does not fit 64 bits the column
/// stays texts, as written, since numbers would round it; dtype asks for numbers all the same. Columns are
/// converted in parallel.
/// @throws FileError naming line and column for a quote that is not closed, text behind a closing quote, too
///   many fields, bytes that are not UTF-8, or a value that is not of the type asked for; and where short
///   lines would make a huge table of a small file
DataFrame read_csv(const Path& path, const CsvOptions& options = {});
/// The same from memory; errors call it `name`.
DataFrame parse_csv(std::string_view text, const CsvOptions& options = {},
                    const std::string& name = "the text");

/// The table as text: what read_csv reads back. With `index`, the labels come first.
std::string csv_text(const DataFrame& frame, bool index = false);
/// csv_text into a file, which appears under its name only when it is whole. @throws FileError
void to_csv(const DataFrame& frame, const Path& path, bool index = false);

}  // namespace fastcore
