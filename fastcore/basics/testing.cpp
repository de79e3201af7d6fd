// SPDX-License-Identifier: MIT
#include "fastcore/basics/testing.h"

#include <unistd.h>

#include <cstdio>
#include <exception>

namespace fastcore::detail {

void fail_test(const std::string& label, const std::string& a, const std::string& b) {
  throw TestFailure(label + ":\n" + a + "\n" + b);
}
void fail_test(const std::string& message) { throw TestFailure(message); }

// The descriptor itself is turned to a file, so that whatever way f prints is seen.
std::string capture_stdout(void (*run)(void*), void* context) {
  std::fflush(stdout);
  FILE* file = std::tmpfile();
  const int saved = dup(STDOUT_FILENO);
  if (!file || saved < 0 || dup2(fileno(file), STDOUT_FILENO) < 0)
    throw minitorch::FileError("[test_stdout] cannot redirect standard output to a temporary file");
  std::exception_ptr failure;
  try {
    run(context);
  } catch (...) { failure = std::current_exception(); }
  std::fflush(stdout);
  dup2(saved, STDOUT_FILENO);
  ::close(saved);
  std::string text;
  char buffer[4096];
  std::rewind(file);
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, n);
  std::fclose(file);
  if (failure) std::rethrow_exception(failure);
  return text;
}

}  // namespace fastcore::detail
