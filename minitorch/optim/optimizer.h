// SPDX-License-Identifier: MIT
// Optimisers over groups of parameters, with fastai's rules and defaults.
//
//     auto opt = optim::Adam(model->parameters(), {.lr = 1e-3});
//     loss.backward();
//     opt.step();
//     opt.zero_grad();
//
// Each step is one fused pass over weights, gradients and averages. Weight decay is decoupled unless asked
// otherwise: weights are multiplied by 1 - lr wd before the gradient is applied.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "minitorch/optim/step_kernels.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch::optim {

/// Hyper-parameters of a group. Each optimiser has its own defaults; not every optimiser uses every one.
struct Hypers {
  double lr = 1e-3;
  double mom = 0.9;       ///< share of the average of gradients that is kept
  double sqr_mom = 0.99;  ///< share of the average of squared gradients that is kept
  double eps = 1e-5;
  double wd = 0;
  bool decouple_wd = true;  ///< false: wd times the weight is added to the gradient (L2)
};

/// Parameters that share their hyper-parameters.
struct ParamGroup {
  std::vector<Tensor> params;
  Hypers hypers;
};

/// What is kept for one parameter.
struct ParamState {
  Tensor m, v;  ///< running averages, made when first needed
  Tensor slow;  ///< Lookahead's copy
  int64_t step = 0;
  bool do_wd = true;         ///< false for biases and norms, as Learner sets it
  bool force_train = false;  ///< stays trainable when its group is frozen
  bool had_gradient = false;
};

/// Parameters of one group, or lists of them for several; group 0 holds the earliest layers.
struct Groups {
  std::vector<std::vector<Tensor>> lists;
  Groups(std::vector<Tensor> one) : lists{std::move(one)} {}
  Groups(std::vector<std::vector<Tensor>> several) : lists(std::move(several)) {}
};

/// Groups of parameters, their hyper-parameters and averages, and the step that moves them.
class Optimizer {
 public:
  /// @throws ValueError when there is no parameter, one is listed twice, or a hyper-parameter is out of range
  Optimizer(Groups groups, Hypers hypers);
  virtual ~Optimizer();

  /// One update of every parameter that has, or once had, a gradient.
  void step();
  /// step(), but nothing changes where `skip`, one number on the device of the parameters, is not 0: the
  /// device decides, without the host. The step is counted all the same; see take_back_step().
  void step_unless(const Tensor& skip);
  /// The last step was left out: it does not count for the corrections of young averages.
  void take_back_step();
  /// Before each replay of a CUDA graph in which step() was recorded: counts a step, and sends the constants
  /// that change with it (rate, corrections) to the device, without waiting. False when a replay would not do
  /// the step that is due, because it is of another kind (RAdam's warm-up has ended): record again.
  /// `recording` is the CudaGraph's number(): an optimiser may be recorded in several graphs.
  bool prepare_replay(uint64_t recording);
  /// That graph is recorded anew, or ends.
  void forget_recording(uint64_t recording);
  /// Forgets all gradients. A parameter that had one counts as having a gradient of 0 from then on, so that
  /// weight decay still reaches it; that is fastai's rule.
  void zero_grad();

  std::vector<ParamGroup>& groups() { return groups_; }
  const std::vector<ParamGroup>& groups() const { return groups_; }
  ParamState& state(const Tensor& param);

  /// Sets lr, mom, sqr_mom, eps or wd: one value for all groups, or one for each.
  /// @throws ValueError for an unknown name, a value out of range or the wrong number of values
  void set_hyper(const std::string& name, const std::vector<double>& values);
  void set_hyper(const std::string& name, double value) { set_hyper(name, std::vector<double>{value}); }
  double hyper(const std::string& name, int group = -1) const;

  /// Groups from n on are trained, earlier ones are frozen except parameters with force_train; clears the
  /// averages.
  void freeze_to(int n);
  void freeze() { freeze_to(-1); }
  void unfreeze() { freeze_to(0); }
  /// Lookahead: every k steps the weights go back to `alpha` of the way from where they were k steps ago.
  void look_ahead(int k = 6, double alpha = 0.5);
  /// Forgets averages and step counts, keeps the flags.
  void clear_state();

  /// Averages and step counts by position: "0.m", "0.v", "0.step", ...; and the hyper-parameters of all
  /// groups
  std::vector<std::pair<std::string, Tensor>> state_dict() const;
  /// Nothing changes unless everything fits.
  /// @throws ShapeError when the parameters or groups have other shapes or another number
  void load_state_dict(const std::vector<std::pair<std::string, Tensor>>& state);

 protected:
  struct Step {
    StepKind kind;
    functors::StepConstants constants;
  };
  /// The kernel and its constants for one parameter; state.step has been counted.
  virtual Step plan(const Hypers& hypers, const ParamState& state) const = 0;
  /// Steps all parameters; by default with one kernel call for all that share a device and a kind of step.
  virtual void step_all();
  /// Calls visit(hypers, parameter, gradient, state) for every parameter to be stepped, its step counted.
  void each_parameter(
      const std::function<void(const Hypers&, const Tensor&, const Tensor&, ParamState&)>& visit);
  /// For steps made of several ops: whether step_unless says no. Waits for the device if it was called.
  bool is_left_out() const { return skip_.defined() && skip_.item() != 0; }

 private:
  // Parameters that one kernel steps, and those of them that a graph has recorded.
  struct Batch {
    StepKind kind;
    Device device;
    std::vector<WeightBlock> blocks;
    std::vector<std::pair<std::size_t, Tensor>> params;  // with their groups
    Tensor list;                                         // of the blocks, on the device
  };
  void run_batch(Batch batch);
  void record_batch(Batch batch);
  void pull_back();

  std::vector<ParamGroup> groups_;
  std::unordered_map<const TensorImpl*, ParamState> states_;
  Tensor skip_;
  std::map<uint64_t, std::vector<Batch>> recorded_;  // by CudaGraph::number()
  int lookahead_k_ = 0, lookahead_count_ = 0;
  double lookahead_alpha_ = 0.5;
};

struct SgdOptions {
  double lr = 1e-3, mom = 0, wd = 0;
  bool decouple_wd = true;
};
/// p -= lr g, or with momentum m = mom m + g, p -= lr m.
class SGD final : public Optimizer {
 public:
  explicit SGD(Groups groups, SgdOptions options = {});

 private:
  Step plan(const Hypers& h, const ParamState& s) const override;
};

struct RmsPropOptions {
  double lr = 1e-3, mom = 0, sqr_mom = 0.99, eps = 1e-8, wd = 0;
  bool decouple_wd = true;
};
/// v = sqr_mom v + (1 - sqr_mom) g^2; m = mom m + g; p -= lr m / (sqrt v + eps).
class RMSProp final : public Optimizer {
 public:
  explicit RMSProp(Groups groups, RmsPropOptions options = {});

 private:
  Step plan(const Hypers& h, const ParamState& s) const override;
};

struct AdamOptions {
  double lr = 1e-3, mom = 0.9, sqr_mom = 0.99, eps = 1e-5, wd = 0.01;
  bool decouple_wd = true;
};
/// Averages of g and g^2, both corrected for their start at 0: p -= lr m' / (sqrt v' + eps).
/// Defaults are fastai's: sqr_mom .99 where PyTorch has .999, eps 1e-5 where it has 1e-8.
class Adam final : public Optimizer {
 public:
  explicit Adam(Groups groups, AdamOptions options = {});

 private:
  Step plan(const Hypers& h, const ParamState& s) const override;
};

struct AdamWOptions {
  double lr = 1e-3, mom = 0.9, sqr_mom = 0.999, eps = 1e-8, wd = 0.01;
  bool decouple_wd = true;
};
/// Adam with the defaults of PyTorch's AdamW, for every option that is not given.
Adam adamw(Groups groups, AdamWOptions options = {});

struct RAdamOptions {
  double lr = 1e-3, mom = 0.9, sqr_mom = 0.99, eps = 1e-5, wd = 0, beta = 0;
  bool decouple_wd = true;
};
/// Adam whose step is scaled by how far the average of squares can be trusted; plain averages before that.
/// With beta > 0 the denominator d is softened: log(1 + e^(beta d)) / beta, which bounds steps where d is
/// small.
/// @throws ValueError when beta is below 0, as for hyper-parameters out of range
class RAdam final : public Optimizer {
 public:
  explicit RAdam(Groups groups, RAdamOptions options = {});

 private:
  Step plan(const Hypers& h, const ParamState& s) const override;
  double beta_;
};

struct QHAdamOptions {
  double lr = 1e-3, mom = 0.999, sqr_mom = 0.999, nu_1 = 0.7, nu_2 = 1, eps = 1e-8, wd = 0;
  bool decouple_wd = true;
};
/// Adam that mixes the present gradient with the averages.
class QHAdam final : public Optimizer {
 public:
  explicit QHAdam(Groups groups, QHAdamOptions options = {});

 private:
  Step plan(const Hypers& h, const ParamState& s) const override;
  double nu_1_, nu_2_;
};

struct LarcOptions {
  double lr = 1e-3, mom = 0.9, trust_coeff = 0.02, eps = 1e-8, wd = 0;
  bool clip = true, decouple_wd = true;
};
/// SGD whose rate follows the ratio of weight to gradient size, parameter by parameter.
class Larc final : public Optimizer {
 public:
  explicit Larc(Groups groups, LarcOptions options = {});

 private:
  Step plan(const Hypers& h, const ParamState& s) const override;
  void step_all() override;
  double trust_coeff_;
  bool clip_;
};

struct LambOptions {
  double lr = 1e-3, mom = 0.9, sqr_mom = 0.99, eps = 1e-5, wd = 0;
  bool decouple_wd = true;
};
/// Adam whose step is scaled by the ratio of weight to step size, parameter by parameter.
class Lamb final : public Optimizer {
 public:
  explicit Lamb(Groups groups, LambOptions options = {});

 private:
  Step plan(const Hypers& h, const ParamState& s) const override;
  void step_all() override;
};

struct RangerOptions {
  double lr = 1e-3, mom = 0.95, sqr_mom = 0.99, eps = 1e-6, wd = 0.01, beta = 0;
  bool decouple_wd = true;
};
/// RAdam that looks ahead.
RAdam ranger(Groups groups, RangerOptions options = {});

}  // namespace minitorch::optim
