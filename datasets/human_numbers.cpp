// SPDX-License-Identifier: MIT
#include "datasets/files.h"
#include "datasets/generate.h"
#include "minitorch/core/errors.h"

namespace datasets {

std::string number_in_words(int64_t n) {
  static const char* const kSmall[] = {"",        "one",     "two",       "three",    "four",
                                       "five",    "six",     "seven",     "eight",    "nine",
                                       "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                       "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
  static const char* const kTens[] = {"",      "",      "twenty",  "thirty", "forty",
                                      "fifty", "sixty", "seventy", "eighty", "ninety"};
  if (n < 1 || n > 999'999)
    throw minitorch::ValueError(
        minitorch::format("[number_in_words] %lld: expected 1 to 999999", static_cast<long long>(n)));
  auto rest = [](int64_t r) { return r ? " " + number_in_words(r) : std::string(); };
  if (n >= 1000) return number_in_words(n / 1000) + " thousand" + rest(n % 1000);
  if (n >= 100) return std::string(kSmall[n / 100]) + " hundred" + rest(n % 100);
  if (n >= 20) return kTens[n / 10] + rest(n % 10);
  return kSmall[n];
}

void human_numbers(const std::string& folder) {
  auto lines = [](int64_t first, int64_t last) {
    std::string text;
    for (int64_t n = first; n <= last; ++n) text += number_in_words(n) + " \n";  // the original ends lines so
    return text;
  };
  write_file(folder + "/train.txt", lines(1, 7999));
  write_file(folder + "/valid.txt", lines(8001, 9999));
}

}  // namespace datasets
