// SPDX-License-Identifier: MIT
// Missing values and statistics.
#include <algorithm>

#include "fastcore/frame/column.h"

namespace fastcore {
using minitorch::ValueError;

Series Series::isna() const {
  ColumnData out{.type = ColumnType::boolean};
  const int64_t n = size();
  out.booleans.resize(static_cast<std::size_t>(n));
  for (int64_t row = 0; row < n; ++row) out.booleans[static_cast<std::size_t>(row)] = is_missing(row);
  return Series(std::move(out), name_).with_index_pointer(index_);
}
Series Series::notna() const { return ~isna(); }

Series Series::fillna(const Cell& value) const {
  if (value.is_missing()) return *this;
  ColumnData filled = data();
  if (filled.type == ColumnType::number && !value.is_text()) {
    for (double& x : filled.numbers)
      if (std::isnan(x)) x = value.number();
    return Series(std::move(filled), name_).with_index_pointer(index_);
  }
  if (filled.type != ColumnType::text) {  // a text among numbers makes texts of them all
    if (!isna().any()) return *this;
    std::vector<Cell> all = cells();
    for (Cell& cell : all)
      if (cell.is_missing()) cell = value;
    return Series(all, name_).with_index_pointer(index_);
  }
  const std::string text = value.text();
  const auto at = std::find(filled.words->begin(), filled.words->end(), text);
  if (at == filled.words->end()) {
    if (filled.categorical)
      throw ValueError("[fillna] " + repr_text(text) + " is not among the categories",
                       "declare it first: set_categories");
    auto more = std::make_shared<Words>(*filled.words);
    more->push_back(text);
    for (int32_t& code : filled.codes)
      if (code < 0) code = static_cast<int32_t>(more->size()) - 1;
    filled.words = more;
  } else {
    for (int32_t& code : filled.codes)
      if (code < 0) code = static_cast<int32_t>(at - filled.words->begin());
  }
  return Series(std::move(filled), name_).with_index_pointer(index_);
}

Series Series::dropna() const { return (*this)[notna()]; }

namespace {
std::vector<double> there(const Series& x, const char* what) {
  std::vector<double> values = detail::with_numbers(
      x.data(), what, [](const auto& all) { return std::vector<double>(all.begin(), all.end()); });
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }),
               values.end());
  return values;
}
}  // namespace

int64_t Series::count() const {
  int64_t n = 0;
  for (int64_t row = 0; row < size(); ++row) n += !is_missing(row);
  return n;
}

double Series::sum() const { return detail::sum_of(data()).number(); }

double Series::mean() const {
  const std::vector<double> values = there(*this, "mean");
  double sum = 0;
  for (const double x : values) sum += x;
  return values.empty() ? kNaN : sum / static_cast<double>(values.size());
}

double Series::var(int ddof) const {
  const std::vector<double> values = there(*this, "var");
  const auto n = static_cast<int64_t>(values.size());
  if (n <= ddof) return kNaN;
  double mean = 0, sum = 0;
  for (const double x : values) mean += x;
  mean /= static_cast<double>(n);
  for (const double x : values) sum += (x - mean) * (x - mean);
  return sum / static_cast<double>(n - ddof);
}
double Series::std(int ddof) const { return std::sqrt(var(ddof)); }

Cell Series::min() const {
  const std::vector<int64_t> order = argsort();
  return empty() ? Cell() : (*this)[order.front()];
}
Cell Series::max() const {
  const std::vector<int64_t> order = argsort(false);
  return empty() ? Cell() : (*this)[order.front()];
}
Cell Series::idxmax() const { return empty() ? Cell() : label(argsort(false).front()); }
Cell Series::idxmin() const { return empty() ? Cell() : label(argsort().front()); }

double Series::quantile(double q) const {
  if (!(q >= 0 && q <= 1))
    throw ValueError("[quantile] " + repr_number(q) + ": expected a number between 0 and 1");
  std::vector<double> values = there(*this, "quantile");
  if (values.empty()) return kNaN;
  const double place = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(low), values.end());
  const double below = values[low];
  if (low + 1 == values.size()) return below;
  const double above = *std::min_element(values.begin() + static_cast<std::ptrdiff_t>(low) + 1, values.end());
  return below + (above - below) * (place - static_cast<double>(low));
}

bool Series::any() const {
  return detail::with_numbers(data(), "any", [](const auto& values) {
    return std::any_of(values.begin(), values.end(), [](auto x) { return x != 0 && x == x; });
  });
}
bool Series::all() const {
  return detail::with_numbers(data(), "all", [](const auto& values) {
    return std::all_of(values.begin(), values.end(), [](auto x) { return x != 0; });
  });
}

Series Series::describe() const {
  if (!is_numeric()) {
    const Series counts = value_counts();
    const bool none = counts.empty();
    return Series(std::vector<Cell>{count(), nunique(), none ? Cell() : Cell(counts.label(0).text()),
                                    none ? Cell() : counts[0]},
                  name_)
        .with_index({"count", "unique", "top", "freq"});
  }
  return Series(std::vector<double>{static_cast<double>(count()), mean(), std(), min().number(),
                                    quantile(0.25), quantile(0.5), quantile(0.75), max().number()},
                name_)
      .with_index({"count", "mean", "std", "min", "25%", "50%", "75%", "max"});
}

double Series::corr(const Series& other) const {
  detail::check_rows("corr", size(), other.size());
  if (const auto both = detail::by_label("corr", *this, other)) return both->first.corr(both->second);
  std::vector<double> a = numbers(), b = other.numbers();
  double n = 0, mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) || std::isnan(b[i])) continue;
    n += 1;
    mean_a += a[i];
    mean_b += b[i];
  }
  mean_a /= n;
  mean_b /= n;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) || std::isnan(b[i])) continue;
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

}  // namespace fastcore
