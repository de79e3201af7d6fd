// SPDX-License-Identifier: MIT
// What a function prints, line by line.
#pragma once
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

namespace fastcore::testing {

template <class F>
std::vector<std::string> printed(F f) {
  std::fflush(stdout);
  const int screen = dup(STDOUT_FILENO);
  std::FILE* file = std::tmpfile();
  dup2(fileno(file), STDOUT_FILENO);
  f();
  std::fflush(stdout);
  dup2(screen, STDOUT_FILENO);
  close(screen);
  std::rewind(file);
  std::vector<std::string> lines(1);
  for (int c; (c = std::fgetc(file)) != EOF;) {
    if (c == '\n') lines.emplace_back();
    else lines.back() += static_cast<char>(c);
  }
  std::fclose(file);
  if (lines.back().empty()) lines.pop_back();  // the last line ends, too
  return lines;
}

}  // namespace fastcore::testing
