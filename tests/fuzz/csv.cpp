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
  try {
    const DataFrame frame = parse_csv({reinterpret_cast<const char*>(data) + 1, size - 1}, options, "fuzz");
    const std::string text = csv_text(frame);
    const DataFrame again = parse_csv(text, {}, "what was written");
    if (again.rows() != frame.rows() || again.columns().size() != frame.columns().size()) __builtin_trap();
    if (csv_text(again) != text) __builtin_trap();
    frame.repr();
  } catch (const minitorch::FileError&) {}
  return 0;
}
