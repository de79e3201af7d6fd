// SPDX-License-Identifier: MIT
#include "fastcore/data/augment.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "minitorch/core/random.h"
#include "minitorch/ops/movement/movement.h"

namespace fastcore {
using minitorch::default_generator;
using minitorch::format;
using minitorch::ValueError;

namespace {

// What a number is drawn from, and what it is where nothing is to change.
struct Range {
  double low, high, neutral;
};

void check_chance(const char* name, double p) {
  if (!(p >= 0 && p <= 1))
    throw ValueError(format("[%s] p is %g: a probability lies between 0 and 1", name, p));
}

std::vector<double> as_given(const char* name, const std::vector<double>& fixed, int64_t n) {
  const auto count = static_cast<std::size_t>(n);
  if (fixed.size() == 1) return std::vector<double>(count, fixed.front());
  if (fixed.size() < count)
    throw ValueError(format("[%s] %zu fixed numbers for a batch of %zu", name, fixed.size(), count),
                     "give one number for all pictures, or one for each");
  return {fixed.begin(), fixed.begin() + static_cast<std::ptrdiff_t>(count)};
}

// fastai's mask: with probability 1 - p each number, or with `batch` all of them, becomes the neutral one.
template <class Step>
std::vector<double> masked(const Step& step, std::vector<double> values, double neutral, Context& context) {
  if (step.p == 1) return values;
  if (step.batch) {
    if (!(context.random().random() < step.p)) std::fill(values.begin(), values.end(), neutral);
  } else {
    for (double& value : values)
      if (!default_generator().bernoulli(step.p)) value = neutral;
  }
  return values;
}

// n numbers as fastai draws them: floats of torch's generator, or one of Python's for the whole batch.
std::vector<double> uniform(bool batch, double low, double high, int64_t n, Context& context) {
  const auto count = static_cast<std::size_t>(n);
  if (batch) return std::vector<double>(count, context.random().uniform(low, high));
  std::vector<float> floats(count);
  default_generator().fill_uniform(floats.data(), n, static_cast<float>(low), static_cast<float>(high));
  return {floats.begin(), floats.end()};
}

template <class Step>
std::vector<double> drawn(const char* name, const Step& step, const std::vector<double>& fixed,
                          const Range& range, int64_t n, Context& context) {
  check_chance(name, step.p);
  if (!(range.low <= range.high))
    throw ValueError(format("[%s] no number lies between %g and %g", name, range.low, range.high));
  auto values =
      fixed.empty() ? uniform(step.batch, range.low, range.high, n, context) : as_given(name, fixed, n);
  return masked(step, std::move(values), range.neutral, context);
}

template <class Map>
auto each(const std::vector<double>& values, Map map) {
  std::vector<decltype(map(0.0))> results;
  for (double value : values) results.push_back(map(value));
  return results;
}

// A change by a factor whose logarithm is drawn: as likely up as down.
template <class Step>
std::vector<double> factors(const char* name, const Step& step, double most, double neutral, int64_t n,
                            Context& context) {
  if (!(most >= 0 && most < 1))
    throw ValueError(format("[%s] the strongest change is %g: expected at least 0 and below 1", name, most));
  const double bound = -std::log(1 - most);
  check_chance(name, step.p);
  auto values = step.fixed.empty() ? each(uniform(step.batch, -bound, bound, n, context),
                                          [](double v) { return std::exp(v); })
                                   : as_given(name, step.fixed, n);
  return masked(step, std::move(values), neutral, context);
}

// Batches count their items along the first axis.
const minitorch::Tensor* batch_of(const Value& value) {
  if (const auto* x = std::get_if<TensorImage>(&value)) return &x->tensor;
  if (const auto* x = std::get_if<TensorMask>(&value)) return &x->tensor;
  if (const auto* x = std::get_if<Points>(&value)) return &x->xy;
  return nullptr;
}
int64_t batch_size(const Sample& sample) {
  for (const Value& value : sample)
    if (const auto* x = batch_of(value)) return x->size(0);
  return 0;
}

void light_up(Sample& sample, const std::vector<Light>& lights) {
  for (Value& value : sample)
    if (auto* x = std::get_if<TensorImage>(&value)) x->tensor = lighting(x->tensor, lights);
}

}  // namespace

std::optional<Size> batch_picture_size(const Sample& batch) {
  for (const Value& value : batch) {
    if (!std::holds_alternative<TensorImage>(value) && !std::holds_alternative<TensorMask>(value)) continue;
    const minitorch::Tensor& x = *batch_of(value);
    return Size{static_cast<int>(x.size(-2)), static_cast<int>(x.size(-1))};
  }
  return {};
}

std::vector<PlaneMap> Flip::maps(int64_t n, Context& context) const {
  auto values =
      fixed.empty() ? std::vector<double>(static_cast<std::size_t>(n), 1) : as_given("Flip", fixed, n);
  check_chance("Flip", p);
  return each(masked(*this, std::move(values), 0, context),
              [](double mirrored) { return mirrored != 0 ? flip_mat() : PlaneMap{}; });
}

std::vector<PlaneMap> Dihedral::maps(int64_t n, Context& context) const {
  std::vector<int64_t> k(static_cast<std::size_t>(n));
  if (fixed.empty() && batch) std::fill(k.begin(), k.end(), context.random().randint(0, 7));
  else if (fixed.empty()) default_generator().fill_randint(k.data(), n, 0, 8);
  auto values = fixed.empty() ? std::vector<double>(k.begin(), k.end()) : as_given("Dihedral", fixed, n);
  check_chance("Dihedral", p);
  return each(masked(*this, std::move(values), 0, context),
              [](double which) { return dihedral_mat(static_cast<int>(which)); });
}

std::vector<PlaneMap> Rotate::maps(int64_t n, Context& context) const {
  return each(drawn("Rotate", *this, fixed, {-max_deg, max_deg, 0}, n, context), rotate_mat);
}

std::vector<PlaneMap> Zoom::maps(int64_t n, Context& context) const {
  const auto zoom = drawn("Zoom", *this, fixed, {min_zoom, max_zoom, 1}, n, context);
  const auto x = fixed_x.empty() ? uniform(batch, 0, 1, n, context) : as_given("Zoom", fixed_x, n);
  const auto y = fixed_y.empty() ? uniform(batch, 0, 1, n, context) : as_given("Zoom", fixed_y, n);
  std::vector<PlaneMap> maps;
  for (std::size_t i = 0; i < zoom.size(); ++i) maps.push_back(zoom_mat(zoom[i], x[i], y[i]));
  return maps;
}

std::vector<PlaneMap> Warp::maps(int64_t n, Context& context) const {
  const Range range = {-magnitude, magnitude, 0};
  const auto x = drawn("Warp", *this, fixed_x, range, n, context);
  const auto y = drawn("Warp", *this, fixed_y, range, n, context);
  std::vector<PlaneMap> maps;
  for (std::size_t i = 0; i < x.size(); ++i) maps.push_back(warp_map(x[i], y[i]));
  return maps;
}

// As fastai draws: all matrices first, then what moves coordinates.
std::vector<PlaneMap> AffineCoordTfm::maps(int64_t n, Size picture, Context& context) const {
  std::vector<PlaneMap> product(static_cast<std::size_t>(n));
  if (!context.training()) return product;
  for (const AffineStep& step : steps) {
    if (std::holds_alternative<Warp>(step)) continue;
    const auto maps = std::visit([&](const auto& s) { return s.maps(n, context); }, step);
    for (std::size_t i = 0; i < product.size(); ++i) product[i] = product[i] * maps[i];
  }
  for (PlaneMap& map : product) map = for_shape(map, picture);
  for (const AffineStep& step : steps) {
    const auto* warp = std::get_if<Warp>(&step);
    if (!warp) continue;
    const auto maps = warp->maps(n, context);
    for (std::size_t i = 0; i < product.size(); ++i) product[i] = maps[i] * product[i];
  }
  return product;
}

void AffineCoordTfm::encode(Sample& sample, Context& context) const {
  const int64_t n = batch_size(sample);
  if (n == 0 || (!context.training() && how.size == Size{0, 0})) return;
  const auto through = maps(n, batch_picture_size(sample).value_or(Size{1, 1}), context);
  for (Value& value : sample) {
    if (auto* x = std::get_if<TensorImage>(&value)) x->tensor = transform_images(x->tensor, through, how);
    if (auto* x = std::get_if<TensorMask>(&value)) x->tensor = transform_masks(x->tensor, through, how);
    if (auto* x = std::get_if<Points>(&value)) {
      x->xy = transform_points(x->xy, through);
      if (!(how.size == Size{0, 0})) x->picture = how.size;
    }
  }
}

void Flip::encode(Sample& sample, Context& context) const {
  AffineCoordTfm{{*this}, how}.encode(sample, context);
}
void Dihedral::encode(Sample& sample, Context& context) const {
  AffineCoordTfm{{*this}, how}.encode(sample, context);
}
void Rotate::encode(Sample& sample, Context& context) const {
  AffineCoordTfm{{*this}, how}.encode(sample, context);
}
void Zoom::encode(Sample& sample, Context& context) const {
  AffineCoordTfm{{*this}, how}.encode(sample, context);
}
void Warp::encode(Sample& sample, Context& context) const {
  AffineCoordTfm{{*this}, how}.encode(sample, context);
}

std::vector<Light> Brightness::lights(int64_t n, Context& context) const {
  const Range range = {0.5 * (1 - max_lighting), 0.5 * (1 + max_lighting), 0.5};
  return each(drawn("Brightness", *this, fixed, range, n, context), brightness);
}
std::vector<Light> Contrast::lights(int64_t n, Context& context) const {
  return each(factors("Contrast", *this, max_lighting, 1, n, context), contrast);
}
std::vector<Light> Saturation::lights(int64_t n, Context& context) const {
  return each(factors("Saturation", *this, max_lighting, 1, n, context), saturation);
}

std::vector<Light> LightingTfm::lights(int64_t n, Context& context) const {
  std::vector<Light> product(static_cast<std::size_t>(n));
  for (const LightStep& step : steps) {
    const auto lights = std::visit([&](const auto& s) { return s.lights(n, context); }, step);
    for (std::size_t i = 0; i < product.size(); ++i) product[i] = lights[i] * product[i];
  }
  return product;
}

void LightingTfm::encode(Sample& sample, Context& context) const {
  light_up(sample, lights(batch_size(sample), context));
}
void Brightness::encode(Sample& sample, Context& context) const {
  light_up(sample, lights(batch_size(sample), context));
}
void Contrast::encode(Sample& sample, Context& context) const {
  light_up(sample, lights(batch_size(sample), context));
}
void Saturation::encode(Sample& sample, Context& context) const {
  light_up(sample, lights(batch_size(sample), context));
}

void Hue::encode(Sample& sample, Context& context) const {
  const auto changes = factors("Hue", *this, max_hue, 0, batch_size(sample), context);
  for (Value& value : sample)
    if (auto* x = std::get_if<TensorImage>(&value)) x->tensor = shift_hue(x->tensor, changes);
}

FC_COMPILE_TRANSFORM(Flip)
FC_COMPILE_TRANSFORM(Dihedral)
FC_COMPILE_TRANSFORM(Rotate)
FC_COMPILE_TRANSFORM(Zoom)
FC_COMPILE_TRANSFORM(Warp)
FC_COMPILE_TRANSFORM(Brightness)
FC_COMPILE_TRANSFORM(Contrast)
FC_COMPILE_TRANSFORM(Saturation)
FC_COMPILE_TRANSFORM(Hue)
FC_COMPILE_TRANSFORM(RandomErasing)
FC_COMPILE_TRANSFORM(RandomResizedCropGPU)

}  // namespace fastcore
