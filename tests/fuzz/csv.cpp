// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the bytes, the CSV reader returns or refuses, and what it returns can be written
// and read again.
#include "fastcore/frame/csv.h"

#include "minitorch/core/errors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace fastcore;
  if (size < 1) return 0;
  CsvOptions options;  // the first byte chooses the options
  if (data[0] & 1) options.separator = ';';
  options.header = !(data[0] & 2);
  if (data[0] & 4) options.encoding = "latin-1";
  if (data[0] & 8) options.nrows = 2;
  options.skipinitialspace = data[0] & 16;
  options.skiprows = data[0] >> 6;
  uint8_t more = 0;  // with this bit the second byte chooses types and what is missing
  if ((data[0] & 32) && size > 1) more = data[1];
  const std::size_t chosen = (data[0] & 32) && size > 1 ? 2 : 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + chosen, size - chosen);
  if (more & 1) options.na_values = {"-999", "0", "False", "x"};
  try {
    if (more & 2) {  // types for every column, or for the first
      CsvOptions header = options;
      if (options.header) header.nrows = 0;
      for (const std::string& name : parse_csv(bytes, header, "fuzz").columns())
        if ((more & 4) || options.dtype.empty()) options.dtype[name] = static_cast<ColumnType>(more >> 3 & 3);
    }
    const DataFrame frame = parse_csv(bytes, options, "fuzz");
    const std::string text = csv_text(frame);
    const DataFrame again = parse_csv(text, {}, "what was written");
    if (again.rows() != frame.rows() || again.columns().size() != frame.columns().size()) __builtin_trap();
    // A text that looks like a number is one when it is read again.
    if (options.dtype.empty() && csv_text(again) != text) __builtin_trap();
    frame.repr();
  } catch (const minitorch::FileError&) {}
  return 0;
}
