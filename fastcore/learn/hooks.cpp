// SPDX-License-Identifier: MIT
#include "fastcore/learn/hooks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "fastcore/learn/learner.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/errors.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/reduce/reduce.h"

namespace fastcore {
using namespace minitorch;

constexpr int kBins = 40;  // of LayerStats::hist

std::vector<nn::Module*> leaf_modules(nn::Module& model, bool with_params_only) {
  std::vector<nn::Module*> leaves;
  std::set<nn::Module*> seen;
  for (auto& [name, module] : model.named_modules()) {
    if (!module->children().empty() || !seen.insert(module).second) continue;
    if (!with_params_only || !module->parameters().empty()) leaves.push_back(module);
  }
  return leaves;
}

Hooks::Hooks(std::vector<nn::Module*> modules, const nn::ForwardHook& hook) {
  for (nn::Module* module : modules)
    hooks_.emplace_back(module->shared_from_this(), module->register_forward_hook(hook));
}
Hooks::~Hooks() {
  for (auto& [module, id] : hooks_) module->remove_hook(id);
}

Hook::Hook(nn::Module& module)
    : hooks_({&module}, [this](nn::Module&, const nn::Tensors&, Tensor& output) { stored = output; }) {}

HookCallback::HookCallback(HookOptions options) : options_(std::move(options)) {
  order = -20;
  run_lr_find = false;
  if (options_.every && *options_.every < 1)
    throw ValueError(
        format("[HookCallback] every = %lld: expected 1 or more", static_cast<long long>(*options_.every)),
        "leave it out to look at every training batch");
}
void HookCallback::before_fit(Learner& learn) {
  modules_ = options_.modules.empty() ? leaf_modules(*learn.model, true) : options_.modules;
}
void HookCallback::before_batch(Learner& learn) {
  if (!learn.fitting || !learn.training || (options_.every && learn.train_iter % *options_.every != 0))
    return;
  hooks_ = std::make_shared<Hooks>(modules_, [this](nn::Module& module, const nn::Tensors&, Tensor& output) {
    const NoGrad no_grad;
    for (std::size_t i = 0; i < modules_.size(); ++i)
      if (modules_[i] == &module) hook(i, module, output.detach());
  });
}
void HookCallback::after_batch(Learner&) { hooks_.reset(); }
void HookCallback::clean_up(Learner&) noexcept { hooks_.reset(); }

std::vector<double> histc(const Tensor& x, int bins, double low, double high) {
  std::vector<double> counts(static_cast<std::size_t>(bins));
  for (float value : x.to_vector<float>()) {
    if (!(value >= low && value <= high)) continue;
    const auto bin = static_cast<int>((value - low) / (high - low) * bins);
    ++counts[static_cast<std::size_t>(std::min(bin, bins - 1))];
  }
  return counts;
}

ActivationStats::ActivationStats(ActivationStatsOptions options)
    : HookCallback({std::move(options.modules), options.every}), with_hist_(options.with_hist) {}

void ActivationStats::before_fit(Learner& learn) {
  HookCallback::before_fit(learn);
  if (!learn.fitting) return;
  stats.clear(), names.clear();
  const auto all = learn.model->named_modules();
  for (const nn::Module* looked_at : modules_) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](auto& one) { return one.second == looked_at; });
    names.push_back((found == all.end() ? "" : found->first + " ") + looked_at->type_name());
  }
}

void ActivationStats::hook(std::size_t i, nn::Module&, const Tensor& output) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  now_.resize(modules_.size(), {.mean = kNone, .std = kNone, .near_zero = kNone});
  LayerStats& s = now_[i];
  s.mean = mean(output).item();
  s.std = output.numel() > 1 ? stddev(output).item() : 0;
  s.near_zero = mean(to(output <= 0.05, kFloat32)).item();
  if (with_hist_) s.hist = histc(output, kBins, 0, 10);
}

void ActivationStats::after_batch(Learner& learn) {
  if (looking() && !now_.empty()) stats.push_back(std::move(now_));  // empty: a cancelled batch
  now_.clear();
  HookCallback::after_batch(learn);
}

std::vector<LayerStats> ActivationStats::layer_stats(int64_t i) const {
  const auto layers = stats.empty() ? 0 : static_cast<int64_t>(stats[0].size());
  const int64_t place = i < 0 ? i + layers : i;
  if (place < 0 || place >= layers)
    throw IndexError(
        format("[ActivationStats] layer %d of %d", static_cast<int>(i), static_cast<int>(layers)),
        stats.empty() ? "train first: learn.fit(1, {.cbs = stats})" : "layers count from 0; -1 is the last");
  std::vector<LayerStats> layer;
  for (const auto& batch : stats) layer.push_back(batch[static_cast<std::size_t>(place)]);
  return layer;
}

// "layer 3" where nobody has told the names.
std::string ActivationStats::name_of(int64_t i) const {
  const auto place = static_cast<std::size_t>(i < 0 ? i + static_cast<int64_t>(names.size()) : i);
  return place < names.size() ? names[place] : "layer " + std::to_string(i);
}

Figure ActivationStats::plot_layer_stats(int64_t i) const {
  Figure figure;
  figure.columns = 3;
  const auto layer = layer_stats(i);
  const std::string name = name_of(i);
  const std::pair<const char*, double LayerStats::*> parts[] = {
      {"mean", &LayerStats::mean}, {"std", &LayerStats::std}, {"share near zero", &LayerStats::near_zero}};
  for (const auto& [title, part] : parts) {
    std::vector<double> values;
    for (const LayerStats& s : layer) values.push_back(s.*part);
    Plot plot(name + ": " + title);
    plot.x_axis = {.label = "batch", .whole = true};
    plot.y_axis.label = title;
    figure.plots.push_back(plot.curve(values));
  }
  return figure;
}

Plot ActivationStats::color_dim(int64_t i) const {
  const auto layer = layer_stats(i);
  if (!with_hist_)
    throw ValueError("[color_dim] there are no histograms",
                     "ask for them: ActivationStats({.with_hist = true})");
  std::vector<double> picture;
  for (std::size_t bin = kBins; bin-- > 0;)
    for (const LayerStats& batch : layer)
      picture.push_back(batch.hist.empty() ? 0 : std::log1p(batch.hist[bin]));
  Plot plot("Outputs of " + name_of(i));
  plot.x_axis = {.label = "batch", .whole = true};
  plot.y_axis.label = "output, 0 to 10";
  return plot.heat_map(kBins, static_cast<int>(layer.size()), picture, {.square = false});
}

}  // namespace fastcore
