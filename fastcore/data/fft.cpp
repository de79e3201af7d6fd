// SPDX-License-Identifier: MIT
#include "fastcore/data/fft.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "minitorch/core/errors.h"

namespace fastcore {

namespace {

// std::complex also looks after infinities, which costs more than the product.
Complex times(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

// e^(-pi i k / n)
Complex half_turns(int64_t k, int64_t n) {
  const double angle = -std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
  return {std::cos(angle), std::sin(angle)};
}

}  // namespace

Fft::Fft(int64_t n) : n_(n) {
  if (n < 1 || n > int64_t{1} << 26)
    throw minitorch::ValueError(
        minitorch::format("[Fft] a length of %lld: expected 1 to 2^26", static_cast<long long>(n)));
  if ((n & (n - 1)) == 0) {
    for (int64_t k = 0; k < n / 2; ++k) roots_.push_back(half_turns(2 * k, n));
    reversed_.assign(static_cast<std::size_t>(n), 0);
    for (int64_t j = 1; j < n; ++j)  // the bits of j / 2 moved down, and the last bit of j in front
      reversed_[j] = static_cast<int32_t>(reversed_[j / 2] / 2 + (j % 2) * (n / 2));
    return;
  }
  int64_t length = 1;
  while (length < 2 * n) length *= 2;
  longer_ = std::make_shared<const Fft>(length);
  filter_.assign(static_cast<std::size_t>(length), 0);
  for (int64_t j = 0; j < n; ++j) {
    chirp_.push_back(half_turns(j * j % (2 * n), n));  // w^(j^2 / 2) has period 2 n in j^2
    filter_[j] = filter_[(length - j) % length] = std::conj(chirp_.back());
  }
  longer_->butterflies(filter_);
}

void Fft::butterflies(std::vector<Complex>& x) const {
  for (int64_t j = 0; j < n_; ++j)
    if (j < reversed_[j]) std::swap(x[j], x[reversed_[j]]);
  for (int64_t half = 1; half < n_; half *= 2) {  // pairs of transforms of this length become one of twice it
    const int64_t step = n_ / (2 * half);
    for (int64_t begin = 0; begin < n_; begin += 2 * half)
      for (int64_t k = 0; k < half; ++k) {
        Complex &even = x[begin + k], &odd = x[begin + half + k];
        const Complex turned = times(odd, roots_[k * step]);
        odd = even - turned;
        even += turned;
      }
  }
}

void Fft::chirp(std::vector<Complex>& x) const {
  std::vector<Complex> y(filter_.size());
  for (int64_t j = 0; j < n_; ++j) y[j] = times(x[j], chirp_[j]);
  longer_->butterflies(y);
  for (std::size_t k = 0; k < y.size(); ++k) y[k] = std::conj(times(y[k], filter_[k]));
  longer_->butterflies(y);  // of the conjugate: the inverse, conjugated and times its length
  const double scale = 1 / static_cast<double>(y.size());
  for (int64_t k = 0; k < n_; ++k) x[k] = times(std::conj(y[k]) * scale, chirp_[k]);
}

void Fft::forward(std::vector<Complex>& x) const {
  if (static_cast<int64_t>(x.size()) != n_)
    throw minitorch::ShapeError(minitorch::format("[Fft] %zu values for a transform of length %lld", x.size(),
                                                  static_cast<long long>(n_)));
  longer_ ? chirp(x) : butterflies(x);
}

void Fft::inverse(std::vector<Complex>& x) const {
  for (Complex& value : x) value = std::conj(value);
  forward(x);
  const double scale = 1 / static_cast<double>(n_);
  for (Complex& value : x) value = std::conj(value) * scale;
}

std::vector<Complex> Fft::real(const double* x) const {
  std::vector<Complex> waves(x, x + n_);
  forward(waves);
  waves.resize(static_cast<std::size_t>(n_ / 2 + 1));
  return waves;
}

}  // namespace fastcore
