// SPDX-License-Identifier: MIT
// The fast Fourier transform: from the values of a signal to the waves that it is made of.
//
// X[k] = sum over j of x[j] e^(-2 pi i j k / n) takes n^2 multiplications as it stands. For even n, the sum
// over the even j and the sum over the odd j are two transforms of half the length, E and O, and
//
//     X[k]         = E[k] + w^k O[k]                w = e^(-2 pi i / n)
//     X[k + n / 2] = E[k] - w^k O[k]
//
// since w^(n / 2) = -1. Halving until the length is 1 leaves log2(n) rounds of n / 2 such pairs
// ("butterflies"): n log n (Cooley and Tukey, 1965). In place, E and O must lie one behind the other, which
// in the end means that x[j] starts where the bits of j, read backwards, say.
//
// Lengths that are no power of two are made into a convolution (Bluestein, 1970): j k = (j^2 + k^2 - (k -
// j)^2) / 2 turns the sum into w^(k^2 / 2) sum over j of (x[j] w^(j^2 / 2)) w^(-(k - j)^2 / 2), and a
// convolution is a product between two transforms of any longer length, for which a power of two is taken.
#pragma once
#include <complex>
#include <cstdint>
#include <memory>
#include <vector>

namespace fastcore {

using Complex = std::complex<double>;

/// The transform of one length, with its tables. May be used by several threads at once.
class Fft {
 public:
  /// @throws ValueError unless 1 <= n <= 2^26
  explicit Fft(int64_t n);

  int64_t size() const { return n_; }
  /// X[k] = sum over j of x[j] e^(-2 pi i j k / n), in place.
  void forward(std::vector<Complex>& x) const;
  /// x[j] = 1 / n sum over k of X[k] e^(2 pi i j k / n), in place: undoes forward.
  void inverse(std::vector<Complex>& x) const;
  /// Of n real numbers the first n / 2 + 1; the others are their conjugates, mirrored.
  std::vector<Complex> real(const double* x) const;

 private:
  void butterflies(std::vector<Complex>& x) const;
  void chirp(std::vector<Complex>& x) const;

  int64_t n_;
  std::vector<Complex> roots_;           // (n / 2): w^k, for powers of two
  std::vector<int32_t> reversed_;        // (n): j with its bits backwards
  std::shared_ptr<const Fft> longer_;    // for other lengths: the transform of the convolution,
  std::vector<Complex> chirp_, filter_;  // (n): w^(j^2 / 2), and the transform of its inverses
};

}  // namespace fastcore
