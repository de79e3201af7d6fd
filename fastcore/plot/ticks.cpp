// SPDX-License-Identifier: MIT
#include "fastcore/plot/ticks.h"

#include <algorithm>
#include <cmath>

#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

std::string superscript(int exponent) {
  const char* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "⁻" : "";
  for (char c : std::to_string(std::abs(exponent))) text += digits[c - '0'];
  return text;
}

std::string power_of_ten(double factor, int exponent) {
  std::string power = "10" + superscript(exponent);
  return factor == 1 ? power : minitorch::format("%g×", factor) + power;
}

// 1234567.5 -> 1,234,567.5
std::string with_commas(std::string digits) {
  size_t point = digits.find('.');
  int from = static_cast<int>(point == std::string::npos ? digits.size() : point) - 3;
  for (; from > 0; from -= 3) digits.insert(from, ",");
  return digits;
}

}  // namespace

std::string axis_number(double value, int decimals) {
  if (value == 0) return "0";
  double size = std::abs(value);
  if (size >= 1e7 || size < 1e-4) {
    int exponent = static_cast<int>(std::floor(std::log10(size) + 1e-9));
    double factor = std::round(size / std::pow(10, exponent) * 1000) / 1000;
    return (value < 0 ? "−" : "") + power_of_ten(factor, exponent);
  }
  return (value < 0 ? "−" : "") + with_commas(minitorch::format("%.*f", decimals, size));
}

bool is_one_number(double low, double high) {
  return !(high - low > std::max(1e-300, 1e-12 * std::max(std::abs(low), std::abs(high))));
}

std::vector<Tick> linear_ticks(double low, double high, int about, bool whole) {
  if (is_one_number(low, high)) return {};
  double rough = 2 * ((high / 2 - low / 2) / std::max(about, 2));  // halves: high - low may be infinite
  double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (double factor : {1.0, 2.0, 2.5, 5.0})
    if (factor * power >= rough * 0.999) {
      step = factor * power;
      break;
    }
  if (!std::isfinite(step)) step = power;
  if (whole) step = step < 1 ? 1 : step == 2.5 ? 5 : step;
  int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  if (std::abs(step * std::pow(10, decimals) - std::round(step * std::pow(10, decimals))) > 1e-6)
    ++decimals;  // 0.25
  std::vector<Tick> ticks;
  const double last = std::floor(high / step + 1e-9);
  for (double i = std::ceil(low / step - 1e-9); i <= last; ++i)
    ticks.push_back({i * step, axis_number(i * step, decimals)});
  return ticks;
}

std::vector<Tick> log_ticks(double low, double high, int about) {
  int first = static_cast<int>(std::floor(std::log10(low) + 1e-9));
  int last = static_cast<int>(std::ceil(std::log10(high) - 1e-9));
  int every = std::max(1, (last - first + about - 1) / std::max(about, 1));
  bool plain = first >= -3 && last <= 4;  // otherwise powers throughout: one axis, one way of writing
  std::vector<Tick> ticks;
  for (int exponent = first; exponent <= last; exponent += every)
    for (double factor : {1.0, 2.0, 5.0}) {
      if (factor != 1 && last - first > 2) continue;
      double value = factor * std::pow(10, exponent);
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue;
      ticks.push_back(
          {value, plain ? axis_number(value, std::max(0, -exponent)) : power_of_ten(factor, exponent)});
    }
  if (ticks.size() >= 2 || high > 10 * low) return ticks;
  std::vector<Tick> finer = linear_ticks(low, high, about);
  return finer.size() > ticks.size() ? finer : ticks;
}

}  // namespace fastcore
