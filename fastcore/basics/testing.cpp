// SPDX-License-Identifier: MIT
#include "fastcore/basics/testing.h"

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <functional>

#include "minitorch/tensor/tensor.h"

namespace fastcore::detail {

void fail_test(const std::string& label, const std::string& a, const std::string& b) {
  throw TestFailure(label + ":\n" + a + "\n" + b);
}
void fail_test(const std::string& message) { throw TestFailure(message); }

namespace {

using minitorch::Tensor;

// Whether test(x, y) holds for all pairs of elements, read as T.
template <class T, class Test>
bool pairwise(const Tensor& a, const Tensor& b, const Test& test) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  if (!(a.shape() == b.shape())) return false;
  const auto x = a.to_vector<T>(), y = b.to_vector<T>();
  return std::equal(x.begin(), x.end(), y.begin(), test);
}

bool is_whole(const Tensor& x) { return x.defined() && !is_floating(x.dtype()); }

}  // namespace

bool equal_tensors(const Tensor& a, const Tensor& b) {
  // As double, whole numbers above 2^53 would lose digits.
  if (is_whole(a) && is_whole(b)) return pairwise<int64_t>(a, b, std::equal_to<>());
  return pairwise<double>(a, b, std::equal_to<>());
}

bool close_tensors(const Tensor& a, const Tensor& b, double eps) {
  return pairwise<double>(a, b, [&](double x, double y) { return std::abs(x - y) < eps; });
}

// The descriptor itself is turned to a file, so that whatever way f prints is seen.
std::string captured(int descriptor, void (*run)(void*), void* context) {
  std::fflush(nullptr);
  FILE* file = std::tmpfile();
  const int saved = dup(descriptor);
  if (!file || saved < 0 || dup2(fileno(file), descriptor) < 0)
    throw minitorch::FileError("[test_stdout] cannot redirect what is printed to a temporary file");
  std::exception_ptr failure;
  try {
    run(context);
  } catch (...) { failure = std::current_exception(); }
  std::fflush(nullptr);
  dup2(saved, descriptor);
  ::close(saved);
  std::string text;
  char buffer[4096];
  std::rewind(file);
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, n);
  std::fclose(file);
  if (failure) std::rethrow_exception(failure);
  return text;
}

bool has_warning(const std::string& text, const std::string& contains) {
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (line.rfind("warning: ", 0) == 0 && line.find(contains) != std::string::npos) return true;
  }
  return false;
}

}  // namespace fastcore::detail
