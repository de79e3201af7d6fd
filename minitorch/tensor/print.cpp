// SPDX-License-Identifier: MIT
// Printing in PyTorch's layout: four digits, aligned columns, long axes shortened to three items at each end.
#include <algorithm>
#include <cmath>
#include <ostream>

#include "minitorch/tensor/tensor.h"

namespace minitorch {
namespace {

constexpr int64_t kSummarizeAbove = 1000, kEdge = 3;
constexpr int kLineWidth = 80;

// How all the numbers of one tensor are written: chosen from their range, as PyTorch does.
struct NumberFormat {
  bool floating, whole = true, scientific = false;
  int width = 1;

  NumberFormat(const std::vector<double>& values, bool is_float) : floating(is_float) {
    double smallest = INFINITY, largest = 0;
    for (double v : values) {
      if (!std::isfinite(v)) continue;
      if (v != std::trunc(v)) whole = false;
      if (v != 0) {
        smallest = std::min(smallest, std::fabs(v));
        largest = std::max(largest, std::fabs(v));
      }
    }
    if (floating && largest > 0)
      scientific = whole ? largest > 1e8 || largest / smallest > 1e8
                         : largest > 1e8 || largest / smallest > 1000 || smallest < 1e-4;
    for (double v : values) width = std::max(width, static_cast<int>(text(v).size()));
  }
  std::string text(double v) const {
    if (!floating) return format("%lld", static_cast<long long>(v));
    if (std::isnan(v)) return "nan";
    if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
    if (scientific) return format("%.4e", v);
    return whole ? format("%.0f.", v) : format("%.4f", v);
  }
};

struct Printer {
  const std::vector<double>& values;
  const Shape& shape;
  const NumberFormat& number;
  bool boolean, shorten;

  std::string item(int64_t at) const {
    std::string s = boolean ? (values[at] != 0 ? "True" : "False") : number.text(values[at]);
    const std::size_t width = boolean ? (number.width > 0 ? bool_width : 0) : number.width;
    return s.size() < width ? std::string(width - s.size(), ' ') + s : s;
  }
  std::size_t bool_width = 4;

  bool cuts(int axis) const { return shorten && shape[axis] > 2 * kEdge; }

  std::string row(int64_t at, int indent) const {
    const int axis = shape.dims() - 1;
    const int64_t n = shape[axis];
    const std::size_t width = item(at).size() + 2;
    const int64_t per_line = std::max<int64_t>(1, (kLineWidth - indent) / static_cast<int64_t>(width));
    std::string out = "[";
    int64_t written = 0;
    for (int64_t i = 0; i < n; ++i) {
      if (cuts(axis) && i == kEdge) {
        out += ", ...";
        ++written;
        i = n - kEdge;
      }
      if (written) out += written % per_line == 0 ? ",\n" + std::string(indent + 1, ' ') : ", ";
      out += item(at + i);
      ++written;
    }
    return out + "]";
  }
  std::string block(int axis, int64_t at, int indent) const {
    if (axis == shape.dims() - 1) return row(at, indent);
    int64_t step = 1;
    for (int d = axis + 1; d < shape.dims(); ++d) step *= shape[d];
    const std::string gap = "," + std::string(shape.dims() - axis - 1, '\n') + std::string(indent + 1, ' ');
    std::string out = "[";
    for (int64_t i = 0; i < shape[axis]; ++i) {
      if (i) out += gap;
      if (cuts(axis) && i == kEdge) {
        out += "...";
        i = shape[axis] - kEdge;
        out += gap;
      }
      out += block(axis + 1, at + i * step, indent + 1);
    }
    return out + "]";
  }
};

// The values that will be shown, so that the columns fit what is seen.
std::vector<double> shown(const std::vector<double>& values, const Shape& shape, bool shorten) {
  if (!shorten) return values;
  std::vector<double> out;
  for (int64_t i = 0; i < static_cast<int64_t>(values.size()); ++i) {
    bool visible = true;
    for (int64_t d = shape.dims() - 1, rest = i; d >= 0; rest /= shape[d--]) {
      const int64_t k = rest % shape[d];
      visible = visible && (shape[d] <= 2 * kEdge || k < kEdge || k >= shape[d] - kEdge);
    }
    if (visible) out.push_back(values[i]);
  }
  return out;
}

}  // namespace

std::string to_string(const Tensor& x) {
  if (!x.defined()) return "tensor(undefined)";
  const auto values = x.to_vector<double>();
  const bool shorten = x.numel() > kSummarizeAbove;
  const NumberFormat number(shown(values, x.shape(), shorten), is_floating(x.dtype()));
  Printer printer{values, x.shape(), number, x.dtype() == kBool, shorten};
  for (double v : values)
    if (v == 0) printer.bool_width = 5;
  std::string out = "tensor(";
  if (x.numel() == 0) out += "[]";
  else if (x.dims() == 0) out += printer.item(0);
  else out += printer.block(0, 0, static_cast<int>(out.size()));
  if (x.numel() == 0 && x.dims() != 1) out += ", size=" + to_string(x.shape());
  if (!x.device().is_cpu()) out += ", device='" + to_string(x.device()) + "'";
  const bool default_type =
      x.dtype() == kFloat32 || x.dtype() == kBool || (x.dtype() == kInt64 && x.numel() > 0);
  if (!default_type) out += std::string(", dtype=") + name(x.dtype());
  if (x.requires_grad()) out += x.is_leaf() ? ", requires_grad=True" : ", grad_fn";
  return out + ")";
}

std::ostream& operator<<(std::ostream& out, const Tensor& x) { return out << to_string(x); }

}  // namespace minitorch
