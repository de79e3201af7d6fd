// SPDX-License-Identifier: MIT
// Hooks: looking at what layers put out while the model runs.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fastcore/learn/callback.h"
#include "fastcore/plot/plot.h"
#include "minitorch/nn/module.h"

namespace fastcore {

using minitorch::Tensor;

/// The modules that are made of no others, each once, in their order; with `with_params_only`, those among
/// them that have parameters.
std::vector<minitorch::nn::Module*> leaf_modules(minitorch::nn::Module& model, bool with_params_only = false);

/// Calls a function after the forward of each of some modules, as long as this lives.
class Hooks {
 public:
  Hooks(std::vector<minitorch::nn::Module*> modules, const minitorch::nn::ForwardHook& hook);
  ~Hooks();
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;

 private:
  std::vector<std::pair<std::shared_ptr<minitorch::nn::Module>, int>> hooks_;
};

/// Keeps the output of one module: `Hook hook(*model); model(x); hook.stored`.
class Hook {
 public:
  explicit Hook(minitorch::nn::Module& module);
  Tensor stored;  ///< of the last forward; part of the graph

 private:
  Hooks hooks_;
};

/// Options of HookCallback.
struct HookOptions {
  std::vector<minitorch::nn::Module*> modules = {};  ///< else the leaves that have parameters
  std::optional<int64_t> every = {};                 ///< only every so many training batches
};

/// A callback that looks at layers in training. Derive from it and override hook().
class HookCallback : public Callback {
 public:
  /// @throws ValueError when `every` is below 1
  explicit HookCallback(HookOptions options = {});
  /// The output of layer i in a training batch.
  virtual void hook(std::size_t i, minitorch::nn::Module& module, const Tensor& output) = 0;

  void before_fit(Learner& learn) override;
  void before_batch(Learner& learn) override;
  void after_batch(Learner& learn) override;
  void clean_up(Learner& learn) noexcept override;

 protected:
  bool looking() const { return hooks_ != nullptr; }
  HookOptions options_;
  std::vector<minitorch::nn::Module*> modules_;

 private:
  std::shared_ptr<Hooks> hooks_;
};

/// Numbers about the outputs of one layer in one batch: NaN, and no histogram, where the batch went past it.
struct LayerStats {
  double mean = 0, std = 0;
  double near_zero = 0;           ///< share of outputs of at most 0.05
  std::vector<double> hist = {};  ///< outputs in 40 equal parts of 0 to 10
};

/// Options of ActivationStats.
struct ActivationStatsOptions {
  bool with_hist = false;
  std::vector<minitorch::nn::Module*> modules = {};
  std::optional<int64_t> every = {};
};

/// Means, deviations and histograms of layers, batch by batch: shows whether a net's signals stay alive.
class ActivationStats : public HookCallback {
 public:
  explicit ActivationStats(ActivationStatsOptions options = {});

  std::vector<std::vector<LayerStats>> stats;  ///< [batch][layer]
  std::vector<std::string> names;              ///< of the layers, in the same order
  bool with_hist() const { return with_hist_; }

  /// Statistics of layer i (-1 is the last) over the batches. @throws IndexError naming how many there are
  std::vector<LayerStats> layer_stats(int64_t i) const;
  /// Mean, deviation and share near zero of layer i, by batch.
  Figure plot_layer_stats(int64_t i) const;
  /// log(1 + histogram) of layer i as a picture: batches from left to right, large outputs at the top. A good
  /// training has smooth bands; colour at the bottom alone means that most outputs are near zero. Batches
  /// that went past the layer are dark.
  /// @throws ValueError when histograms were not asked for
  Plot color_dim(int64_t i) const;

  void before_fit(Learner& learn) override;
  void after_batch(Learner& learn) override;
  void hook(std::size_t i, minitorch::nn::Module& module, const Tensor& output) override;

 private:
  std::string name_of(int64_t i) const;
  bool with_hist_;
  std::vector<LayerStats> now_;
};

/// How many numbers fall into each of `bins` equal parts of [low, high]; those outside count nowhere.
std::vector<double> histc(const Tensor& x, int bins, double low, double high);

}  // namespace fastcore
