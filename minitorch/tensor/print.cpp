// SPDX-License-Identifier: MIT
// Printing in PyTorch's layout: four digits, aligned columns, long axes shortened to three items at each end.
#include <algorithm>
#include <cmath>
#include <ostream>

#include "minitorch/tensor/tensor.h"

namespace minitorch {
namespace {

constexpr int64_t kSummarizeAbove = 1000, kEdge = 3;
constexpr std::size_t kLineWidth = 80, kNotesWidth = 78;

// How all the numbers of a floating-point tensor are written: chosen from their range, as PyTorch does.
struct NumberFormat {
  bool whole = true, scientific = false;

  explicit NumberFormat(const std::vector<double>& values) {
    double smallest = INFINITY, largest = 0;
    for (double v : values) {
      if (!decides(v)) continue;
      whole = whole && v == std::trunc(v);
      smallest = std::min(smallest, std::fabs(v));
      largest = std::max(largest, std::fabs(v));
    }
    scientific = largest > 0 && (largest > 1e8 || largest / smallest > 1000 || (!whole && smallest < 1e-4));
  }
  // Zeros, infinities and NaN take the format that the others need, and its width.
  static bool decides(double v) { return std::isfinite(v) && v != 0; }

  std::string text(double v) const {
    if (std::isnan(v)) return "nan";
    if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
    if (scientific) return format("%.4e", v);
    return whole ? format("%.0f.", v) : format("%.4f", v);
  }
};

// The items that are shown, in order, and the width of a column.
struct Items {
  std::vector<std::string> texts;
  std::size_t width = 1;

  void add(std::string text, bool counts = true) {
    if (counts) width = std::max(width, text.size());
    texts.push_back(std::move(text));
  }
};

// Whether the items in the middle of this axis are left out.
bool cuts(int64_t size, bool shorten) { return shorten && size > 2 * kEdge; }

// The values that will be shown, so that the columns fit what is seen.
template <class T>
std::vector<T> shown(const Tensor& x, bool shorten) {
  const std::vector<T> values = x.to_vector<T>();
  const Shape& shape = x.shape();
  std::vector<T> out;
  for (int64_t i = 0; i < x.numel(); ++i) {
    bool visible = true;
    for (int64_t d = shape.dims() - 1, rest = i; d >= 0; rest /= shape[d--]) {
      const int64_t k = rest % shape[d];
      visible = visible && (!cuts(shape[d], shorten) || k < kEdge || k >= shape[d] - kEdge);
    }
    if (visible) out.push_back(values[i]);
  }
  return out;
}

Items items_of(const Tensor& x, bool shorten) {
  Items items;
  if (is_floating(x.dtype())) {
    const auto values = shown<double>(x, shorten);
    const NumberFormat number(values);
    for (double v : values) items.add(number.text(v), NumberFormat::decides(v));
  } else {
    for (int64_t v : shown<int64_t>(x, shorten))
      items.add(x.dtype() == kBool ? v ? "True" : "False" : std::to_string(v));
  }
  return items;
}

// Writes the items in nested brackets.
struct Printer {
  const Shape& shape;
  const Items& items;
  bool shorten;
  std::size_t next = 0;

  std::string item() {
    const std::string& s = items.texts[next++];
    return s.size() < items.width ? std::string(items.width - s.size(), ' ') + s : s;
  }
  // How many items of an axis are shown; the dots stand before item kEdge.
  int64_t count(int axis) const { return cuts(shape[axis], shorten) ? 2 * kEdge : shape[axis]; }

  std::string row(std::size_t indent) {
    const int axis = shape.dims() - 1;
    const std::size_t per_line = std::max<std::size_t>(1, (kLineWidth - indent) / (items.width + 2));
    std::string out = "[";
    std::size_t written = 0;
    const auto write = [&](const std::string& text) {
      if (written) out += written % per_line == 0 ? ",\n" + std::string(indent + 1, ' ') : ", ";
      out += text;
      ++written;
    };
    for (int64_t i = 0; i < count(axis); ++i) {
      if (i == kEdge && cuts(shape[axis], shorten)) write(" ...");
      write(item());
    }
    return out + "]";
  }
  std::string block(int axis, std::size_t indent) {
    if (axis == shape.dims()) return item();
    if (axis == shape.dims() - 1) return row(indent);
    const std::string gap = "," + std::string(shape.dims() - axis - 1, '\n') + std::string(indent + 1, ' ');
    std::string out = "[";
    for (int64_t i = 0; i < count(axis); ++i) {
      if (i) out += gap;
      if (i == kEdge && cuts(shape[axis], shorten)) out += "..." + gap;
      out += block(axis + 1, indent + 1);
    }
    return out + "]";
  }
};

// What the numbers do not say: device, type, a part in the graph.
std::vector<std::string> notes(const Tensor& x) {
  std::vector<std::string> out;
  if (!x.device().is_cpu()) out.push_back("device='" + to_string(x.device()) + "'");
  if (x.numel() == 0 && x.dims() != 1) out.push_back("size=" + to_string(x.shape()));
  const bool shows_type = x.numel() > 0 && (x.dtype() == kBool || x.dtype() == kInt64);
  if (x.dtype() != kFloat32 && !shows_type) out.push_back(std::string("dtype=") + name(x.dtype()));
  if (x.requires_grad()) out.push_back(x.is_leaf() ? "requires_grad=True" : "grad_fn");
  return out;
}

}  // namespace

std::string to_string(const Tensor& x) {
  if (!x.defined()) return "tensor(undefined)";
  const std::string head = "tensor(";
  const bool shorten = x.numel() > kSummarizeAbove;
  std::string out =
      head + (x.numel() ? Printer{x.shape(), items_of(x, shorten), shorten}.block(0, head.size()) : "[]");
  std::size_t line = out.size() - (out.rfind('\n') + 1);  // length of the last one
  for (const std::string& note : notes(x)) {
    const bool fits = line + 2 + note.size() <= kNotesWidth;
    out += (fits ? ", " : ",\n" + std::string(head.size(), ' ')) + note;
    line = (fits ? line + 2 : head.size()) + note.size();
  }
  return out + ")";
}

std::ostream& operator<<(std::ostream& out, const Tensor& x) { return out << to_string(x); }

}  // namespace minitorch
