// SPDX-License-Identifier: MIT
#include "fastcore/learn/diagnose.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/default_callbacks.h"
#include "fastcore/learn/hooks.h"
#include "minitorch/autograd/autocast.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/memory.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/optim/optimizer.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

namespace {

// Largest and smallest are nan when any value is, and inf where one is.
bool finite(const Tensor& x) {
  if (!is_floating(x.dtype()) || x.numel() == 0) return true;
  return std::isfinite(amax(x).item()) && std::isfinite(amin(x).item());
}
const char* kind(const Tensor& x) {
  for (float value : x.to_vector<float>())
    if (std::isnan(value)) return "nan";
  return "inf";
}
std::string named(const std::string& name, const nn::Module& module) {
  return (name.empty() ? "" : name + " ") + module.type_name();
}

double bytes(const Tensor& x) {
  return x.defined() ? static_cast<double>(x.numel() * item_size(x.dtype())) : 0;
}
// How many averages the optimiser keeps of each weight: tried out on a few.
double averages_of(const OptFunc& opt_func, double lr) {
  constexpr int64_t kFew = 16;
  double kept = 0;
  try {
    const Tensor few = zeros({kFew}).requires_grad_();
    few.set_grad(zeros({kFew}));
    const auto trial = opt_func(optim::Groups(std::vector<Tensor>{few}), lr);
    trial->step();
    for (const auto& [name, tensor] : trial->state_dict())
      if (name.starts_with("0.") && tensor.numel() == kFew) kept += bytes(tensor) / bytes(few);
  } catch (const Error&) {}  // one that takes the model's own groups only: the rest is known all the same
  return kept;
}

// What there is beside the batch, of whatever size that is, in bytes. Gradients come with the way back and
// averages with the first step: `to_come` of them are not there yet.
struct Lasting {
  double weights = 0, gradients = 0, state = 0, to_come = 0;
};
Lasting lasting_memory(Learner& learn) {
  Lasting all;
  for (const Tensor& p : learn.model->parameters()) {
    all.weights += bytes(p);
    if (p.requires_grad() || p.grad().defined()) all.gradients += bytes(p);
    if (p.requires_grad() && !p.grad().defined()) all.to_come += bytes(p);
  }
  if (!learn.opt) return all;
  for (const auto& [name, tensor] : learn.opt->state_dict()) all.state += bytes(tensor);
  double without = 0;  // bytes of weights that have no averages
  for (const auto& group : learn.opt->groups())
    for (const Tensor& p : group.params)
      if (p.requires_grad() && learn.opt->state(p).step == 0) without += bytes(p);
  if (without == 0) return all;
  const double averages = without * averages_of(learn.opt_func, learn.lr);
  all.state += averages, all.to_come += averages;
  return all;
}

}  // namespace

std::string first_bad_value(Learner& learn) {
  const NoGrad no_grad;
  for (const auto& [name, p] : learn.model->named_parameters())
    if (!finite(p.detach()))
      return "the weight " + name + " is already " + kind(p.detach()) + ": the step before was too large";
  for (const Tensor& x : learn.xb)
    if (!finite(x)) return std::string("the batch itself holds ") + kind(x);
  for (const Tensor& y : learn.yb)
    if (!finite(y)) return std::string("the targets hold ") + kind(y);

  std::string found;
  {
    std::optional<Autocast> as_in_training;  // what overflows in 16 bits may be fine in float32
    if (const auto mixed = learn.find_cb<MixedPrecision>()) as_in_training.emplace(mixed->dtype());
    const Hooks hooks(leaf_modules(*learn.model), [&](nn::Module& module, const nn::Tensors&,
                                                      Tensor& output) {
      if (!found.empty() || finite(output)) return;
      for (const auto& [name, m] : learn.model->named_modules())
        if (m == &module)
          found = "the first layer to put out " + std::string(kind(output)) + " is " + named(name, module);
    });
    const Tensor pred = (*learn.model)(learn.xb);
    if (found.empty() && !finite(pred))
      found = "the layers are fine, but the model's own forward puts out " + std::string(kind(pred));
  }
  return found.empty() ? "the model's outputs are fine: it is the loss, " + learn.loss_func.name() : found;
}

std::string describe_bad_loss(Learner& learn) {
  const double loss = learn.loss.numel() == 1 ? learn.loss.item() : NAN;
  return format("the loss is %s at epoch %d, batch %d (lr %g): ", std::isnan(loss) ? "nan" : "inf",
                static_cast<int>(learn.epoch), static_cast<int>(learn.iter), learn.opt->hyper("lr")) +
         first_bad_value(learn);
}

MemoryReport describe_memory(Learner& learn) {
  const NoGrad no_grad;
  const int64_t bs = learn.x().size(0);
  const auto limit = static_cast<double>(memory_stats(learn.device).peak);
  learn.pred = learn.loss_grad = learn.loss = Tensor();
  empty_cache(learn.device);
  const auto fixed = static_cast<double>(memory_stats(learn.device).in_use);

  std::vector<std::pair<double, std::string>> outputs;  // bytes of the whole batch
  {
    // On the way back, where memory may have run out, autocast has ended.
    std::optional<Autocast> as_in_training;
    if (const auto mixed = learn.find_cb<MixedPrecision>()) as_in_training.emplace(mixed->dtype());
    const Hooks hooks(leaf_modules(*learn.model),
                      [&](nn::Module& module, const nn::Tensors&, Tensor& output) {
                        const double of_batch = bytes(output) * static_cast<double>(bs);
                        Shape shape = output.shape();
                        if (shape.dims()) shape[0] *= bs;
                        for (const auto& [name, m] : learn.model->named_modules())
                          if (m == &module)
                            outputs.emplace_back(of_batch, named(name, module) + " " + to_string(shape));
                      });
    Tensors one;
    for (const Tensor& x : learn.xb) one.push_back(slice(x, 0, 0, 1));
    const Scope modes = modes_kept(*learn.model);
    learn.model->eval();  // batch norm finds no variance in one item, and must not count it
    (*learn.model)(one);
  }
  double all = 0;
  for (const auto& output : outputs) all += output.first;
  std::stable_sort(outputs.begin(), outputs.end(), [](auto& a, auto& b) { return a.first > b.first; });
  MemoryReport report{format("the largest outputs of layers for a batch of %d:", static_cast<int>(bs))};
  for (std::size_t i = 0; i < outputs.size() && i < 5; ++i)
    report.text += format("\n  %8.1f MB  %s", outputs[i].first / 1e6, outputs[i].second.c_str());
  const Lasting lasting = lasting_memory(learn);
  report.text += format("\nweights %.1f MB, gradients %.1f MB, the optimiser's state %.1f MB",
                        lasting.weights / 1e6, lasting.gradients / 1e6, lasting.state / 1e6);
  // Outputs are kept for the way back, where each meets a gradient of its size.
  const double fits = all > 0 ? (limit - fixed - lasting.to_come) / (2 * all / static_cast<double>(bs)) : 0;
  while (report.batch_size * 2 <= bs / 2 && static_cast<double>(report.batch_size * 2) <= fits)
    report.batch_size *= 2;
  return report;
}

void Learner::throw_bad_loss() {
  const auto mixed = find_cb<MixedPrecision>();
  const std::string range =
      mixed && mixed->dtype() == kFloat16 ? "to_bf16(learn): float16 holds no number above 65504; or " : "";
  throw TrainingError("[fit] " + describe_bad_loss(*this),
                      range +
                          "a smaller learning rate: learn.lr_find() suggests one; or shorten gradients: "
                          "GradientClip()");
}

void Learner::rethrow(const OutOfMemory& error) {
  const int64_t bs = xb.empty() || x().dims() == 0 ? 1 : x().size(0);
  if (bs < 2) throw;
  // What remains where not even one item fits beside the rest, or the model takes no single one.
  MemoryReport report{.batch_size = bs / 2};
  try {
    report = describe_memory(*this);
  } catch (const std::exception&) {}
  throw OutOfMemory(error.what() + (report.text.empty() ? "" : "\n" + report.text),
                    format("a batch of %d instead of %d, or smaller pictures",
                           static_cast<int>(report.batch_size), static_cast<int>(bs)));
}

}  // namespace fastcore
