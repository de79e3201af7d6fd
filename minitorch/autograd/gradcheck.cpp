// SPDX-License-Identifier: MIT
#include "minitorch/autograd/gradcheck.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/random.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

using Function = std::function<Tensor(const std::vector<Tensor>&)>;

std::string place(int64_t flat, const Shape& shape) {
  Shape index = shape;
  for (int d = shape.dims() - 1; d >= 0; --d) {
    index[d] = flat % shape[d];
    flat /= shape[d];
  }
  return to_string(index);
}

// Summed in double, so that differences of large results are not lost.
double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// The elements of an input to look at, in order.
std::vector<int64_t> chosen(int64_t count, int64_t wanted, Generator& generator) {
  std::vector<int64_t> all(static_cast<std::size_t>(count));
  if (wanted > 0 && wanted < count) {
    generator.fill_randperm(all.data(), count);
    all.resize(static_cast<std::size_t>(wanted));
    std::sort(all.begin(), all.end());
  } else {
    std::iota(all.begin(), all.end(), 0);
  }
  return all;
}

// Copies of the inputs, so that neither their gradients nor their elements change.
std::vector<Tensor> copies(const std::vector<Tensor>& inputs, bool gradients) {
  std::vector<Tensor> out;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const Tensor& x = inputs[k];
    if (is_floating(x.dtype()) && x.dtype() != kFloat32)
      throw DtypeError(format("[gradcheck] input %zu is %s: differences need float32", k, name(x.dtype())),
                       "convert it with .to(kFloat32)");
    out.push_back(x.detach().clone());
    if (gradients && x.dtype() == kFloat32) out.back().requires_grad_();
  }
  return out;
}

struct Checker {
  const Function& f;
  const std::vector<Tensor>& inputs;
  const GradcheckOptions& options;
  std::vector<double> cotangent = {};

  double value(std::size_t k, const std::vector<float>& elements) const {
    NoGrad no_grad;
    std::vector<Tensor> moved = copies(inputs, false);
    moved[k] = tensor(elements, inputs[k].shape()).to(inputs[k].device());
    return dot(cotangent, f(moved).to_vector<double>());
  }

  // What differs in the gradient of input k, or "".
  std::string compare(std::size_t k, const std::vector<double>& analytic, Generator& generator,
                      double& worst) const {
    auto elements = inputs[k].to_vector<float>();
    const auto places = chosen(inputs[k].numel(), options.elements, generator);
    std::size_t wrong = 0;
    double worst_here = 0;
    std::string first;
    for (int64_t at : places) {
      const auto i = static_cast<std::size_t>(at);
      const float x = elements[i];
      const auto step = static_cast<float>(options.step * std::max(1.0, std::fabs(static_cast<double>(x))));
      const float above = x + step, below = x - step;
      elements[i] = above;
      const double high = value(k, elements);
      elements[i] = below;
      const double low = value(k, elements);
      elements[i] = x;
      const double numeric = (high - low) / (static_cast<double>(above) - below);
      const double error =
          std::fabs(analytic[i] - numeric) / std::max({1.0, std::fabs(numeric), std::fabs(analytic[i])});
      if (error <= options.tolerance) {
        worst = std::max(worst, error);
        continue;
      }
      worst_here = std::isnan(error) ? HUGE_VAL : std::max(worst_here, error);
      if (wrong++ == 0)
        first = format("gradient at %s: backward gives %.6g, differences give %.6g",
                       place(at, inputs[k].shape()).c_str(), analytic[i], numeric);
    }
    if (!wrong) return "";
    worst = std::max(worst, worst_here);
    return format(
        "[gradcheck] input %zu of shape %s: %s; %zu of the %zu elements looked at differ, by up to %.2g", k,
        to_string(inputs[k].shape()).c_str(), first.c_str(), wrong, places.size(), worst_here);
  }
};

}  // namespace

GradcheckResult gradcheck(const Function& f, const std::vector<Tensor>& inputs, GradcheckOptions options) {
  const std::vector<Tensor> own = copies(inputs, true);
  const Tensor y = f(own);
  if (y.dtype() != kFloat32)
    throw DtypeError(format("[gradcheck] the function gives a %s tensor: expected float32", name(y.dtype())));
  const auto values = y.to_vector<double>(), again = f(copies(inputs, false)).to_vector<double>();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (again.size() != values.size() ||
        (values[i] != again[i] && !(std::isnan(values[i]) && std::isnan(again[i]))))
      throw ValueError("[gradcheck] two calls on the same inputs give different results",
                       "if the function draws random numbers (dropout), call manual_seed inside it; if it "
                       "changes its inputs or keeps running averages, let it work on copies");
  Generator generator(options.seed);
  Tensor cotangent = empty(y.shape());
  generator.fill_normal(cotangent.data<float>(), cotangent.numel());
  if (y.requires_grad()) y.backward(cotangent.to(y.device()));
  const Checker checker{f, inputs, options, cotangent.to_vector<double>()};
  GradcheckResult result;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    if (inputs[k].dtype() != kFloat32) continue;
    std::vector<double> analytic(
        static_cast<std::size_t>(inputs[k].numel()));  // 0 where y does not depend on it
    if (own[k].grad().defined()) analytic = own[k].grad().to_vector<double>();
    const std::string line = checker.compare(k, analytic, generator, result.worst);
    if (!line.empty()) result.report += (result.report.empty() ? "" : "\n") + line;
  }
  return result;
}

}  // namespace minitorch
