// SPDX-License-Identifier: MIT
#include <cstring>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/gather/gather_kernels.h"
#include "minitorch/tensor/convert.h"

namespace minitorch::cpu {
namespace {

using Indices = View<const int64_t, 3>;

template <class T>
void gather_typed(const AnyView& x, const Indices& index, const AnyView& y) {
  const int64_t n = x.size[1], m = y.size[1], inner = y.size[2], step = index.stride[2];
  auto* from = static_cast<const T*>(x.data);
  auto* to = static_cast<T*>(y.data);
  parallel_for(y.size[0] * m, 1 + kGrain / (inner + 4), [&](int64_t begin, int64_t end) {
    int64_t o = begin / m, j = begin % m;
    for (int64_t row = begin; row < end; ++row) {
      const int64_t* i = &index(o, j, 0);
      const T* plane = from + o * n * inner;
      T* out = to + row * inner;
      if (step == 0) std::memcpy(out, plane + *i * inner, inner * sizeof(T));
      else
        for (int64_t k = 0; k < inner; ++k) out[k] = plane[i[k * step] * inner + k];
      if (++j == m) j = 0, ++o;
    }
  });
}

// Threads share the columns (o, k), a cache line of them at a time: what goes to one place is put there by
// one thread, in order.
template <class T, bool kAdd>
void scatter_typed(const AnyView& x, const Indices& index, const AnyView& y) {
  constexpr int64_t kLine = 16;
  const int64_t n = x.size[1], m = y.size[1], inner = y.size[2], lines = (inner + kLine - 1) / kLine,
                step = index.stride[2];
  auto* to = static_cast<T*>(x.data);
  auto* from = static_cast<const T*>(y.data);
  const auto place = [](T& place, T v) {
    if constexpr (kAdd) place += v;
    else place = v;
  };
  const auto columns = [&](int64_t o, int64_t begin, int64_t end) {
    for (int64_t j = 0; j < m; ++j) {
      const int64_t* i = &index(o, j, 0);
      T* plane = to + o * n * inner;
      const T* row = from + (o * m + j) * inner;
      if (step == 0) {
        T* out = plane + *i * inner;
#pragma GCC ivdep
        for (int64_t k = begin; k < end; ++k) place(out[k], row[k]);
      } else {
        for (int64_t k = begin; k < end; ++k) place(plane[i[k * step] * inner + k], row[k]);
      }
    }
  };
  parallel_for(y.size[0] * lines, 1 + kGrain / (kLine * m + 1), [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t o = begin / lines, stop = std::min(end, (o + 1) * lines);
      columns(o, (begin - o * lines) * kLine, std::min(inner, (stop - o * lines) * kLine));
      begin = stop;
    }
  });
}

}  // namespace

void gather(AnyView x, Indices index, AnyView y) {
  with_item(x.dtype, [&]<class T>(T) { gather_typed<T>(x, index, y); });
}
void scatter(AnyView x, Indices index, AnyView y) {
  with_item(x.dtype, [&]<class T>(T) { scatter_typed<T, false>(x, index, y); });
}
void scatter_add(AnyView x, Indices index, AnyView y) {
  x.dtype == kInt64 ? scatter_typed<int64_t, true>(x, index, y) : scatter_typed<float, true>(x, index, y);
}

}  // namespace minitorch::cpu
