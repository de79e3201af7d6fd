// SPDX-License-Identifier: MIT
// What all optimisers share; the formulas are in optimizers.cpp and step_functors.h.
#include "minitorch/optim/optimizer.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/cuda_graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/core/memory.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/tensor/factories.h"

namespace minitorch::optim {
namespace {

// A hyper-parameter by name, and the largest value that makes sense; the smallest is 0.
struct HyperRange {
  const char* name;
  double Hypers::*member;
  double most;
};
constexpr HyperRange kHypers[] = {{"lr", &Hypers::lr, 1e9},
                                  {"mom", &Hypers::mom, 1},
                                  {"sqr_mom", &Hypers::sqr_mom, 1},
                                  {"eps", &Hypers::eps, 1e9},
                                  {"wd", &Hypers::wd, 1e9}};

const HyperRange& hyper_by_name(const std::string& name) {
  for (auto& hyper : kHypers)
    if (name == hyper.name) return hyper;
  throw ValueError("[set_hyper] '" + name + "': expected lr, mom, sqr_mom, eps or wd");
}

void check_range(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high))
    throw ValueError(format("[optimizer] %s = %g: expected %g to %g", name, value, low, high));
}

void check_parameter(const Tensor& p, std::set<const TensorImpl*>& seen) {
  if (p.dtype() != kFloat32)
    throw DtypeError(format("[optimizer] a %s parameter: weights are kept in float32", name(p.dtype())));
  if (!seen.insert(&p.impl()).second)
    throw ValueError("[optimizer] the parameter of shape " + to_string(p.shape()) +
                         " is listed twice: each step would move it twice",
                     "list each tensor once, in one group; model->parameters() does");
}

}  // namespace

Optimizer::~Optimizer() = default;

ParamState& Optimizer::state(const Tensor& param) { return states_[&param.impl()]; }

Optimizer::Optimizer(Groups groups, Hypers hypers) {
  for (auto& hyper : kHypers) check_range(hyper.name, hypers.*hyper.member, 0, hyper.most);
  std::size_t count = 0;
  std::set<const TensorImpl*> seen;
  for (auto& list : groups.lists) {
    count += list.size();
    for (auto& p : list) check_parameter(p, seen);
    groups_.push_back({std::move(list), hypers});
  }
  if (count == 0) throw ValueError("[optimizer] there is no parameter to train", "pass model->parameters()");
}

// The model may have moved since the averages were made.
static void follow(Device device, ParamState& s) {
  for (Tensor* t : {&s.m, &s.v, &s.slow})
    if (t->defined() && !(t->device() == device)) *t = t->to(device);
}

void Optimizer::each_parameter(
    const std::function<void(const Hypers&, const Tensor&, const Tensor&, ParamState&)>& visit) {
  for (auto& group : groups_)
    for (auto& p : group.params) {
      ParamState& s = state(p);
      follow(p.device(), s);
      Tensor g = p.grad();
      if (!g.defined() && !s.had_gradient) continue;
      s.had_gradient = true;
      ++s.step;
      visit(group.hypers, p, g.defined() ? contiguous(g.detach()) : zeros_like(p), s);
    }
}

void Optimizer::step() {
  NoGrad no_grad;
  if (lookahead_k_ && lookahead_count_ == 0)
    for (auto& group : groups_)
      for (auto& p : group.params)
        if (auto& s = state(p); !s.slow.defined()) s.slow = p.detach().clone();
  step_all();
  if (lookahead_k_ && ++lookahead_count_ % lookahead_k_ == 0) pull_back();
}

namespace {

int averages_of(StepKind kind) {
  switch (kind) {
#define MT_CASE(F) \
  case StepKind::F: return functors::F::averages;
    MT_STEPS(MT_CASE)
#undef MT_CASE
  }
  return 0;
}

}  // namespace

void Optimizer::step_all() {
  std::map<std::pair<int, StepKind>, Batch> batches;
  std::vector<Tensor> alive;  // gradients, until the kernels have been called
  std::size_t group = 0;
  each_parameter([&](const Hypers& h, const Tensor& p, const Tensor& g, ParamState& s) {
    while (&groups_[group].hypers != &h) ++group;
    const Step step = plan(h, s);
    if (!p.is_contiguous())
      throw ValueError("[optimizer] a parameter that is a strided view: train the tensor it views");
    auto average = [&](Tensor& t, bool wanted) -> float* {
      if (!wanted) return nullptr;
      if (!t.defined()) t = zeros_like(p);
      return t.data<float>();
    };
    const int averages = averages_of(step.kind);
    float* m = average(s.m, averages > 0);
    float* v = average(s.v, averages > 1);
    Batch& batch = batches[{p.device().type * 256 + p.device().index, step.kind}];
    batch.kind = step.kind;
    batch.device = p.device();
    batch.blocks.push_back({p.data<float>(), g.data<float>(), m, v, p.numel(), step.constants});
    batch.params.emplace_back(group, p);
    p.impl().storage->changed_by("optimizer step");
    alive.push_back(g);
  });
  for (auto& [key, batch] : batches) run_batch(std::move(batch));
}

void Optimizer::run_batch(Batch batch) {
  if (CudaGraph::recording(batch.device)) return record_batch(std::move(batch));
  MT_DISPATCH(batch.device, optimizer_step, batch.kind, batch.blocks.data(),
              static_cast<int>(batch.blocks.size()), skip_.defined() ? skip_.data<float>() : nullptr);
}

// The constants of a step are a kernel's arguments, and a replay would repeat them. So the graph reads them
// from a list in the device's memory, which prepare_replay() fills.
void Optimizer::record_batch(Batch batch) {
  if (lookahead_k_)
    throw ValueError("[optimizer] look_ahead() changes what every k-th step does: a graph cannot hold that",
                     "take ordinary steps, or leave look_ahead() out");
  const uint64_t number = CudaGraph::recording(batch.device)->number();
  for (const auto& [group, p] : batch.params) --state(p).step;  // nothing has been done yet
  batch.list =
      empty({static_cast<int64_t>(batch.blocks.size() * sizeof(WeightBlock))}, {kUint8, batch.device});
  int64_t longest = 1;
  for (const WeightBlock& block : batch.blocks) longest = std::max(longest, block.n);
  MT_DISPATCH(batch.device, optimizer_step_listed, batch.kind,
              static_cast<const WeightBlock*>(batch.list.raw_data()), static_cast<int>(batch.blocks.size()),
              longest, skip_.defined() ? skip_.data<float>() : nullptr);
  recorded_[number].push_back(std::move(batch));
}

void Optimizer::forget_recording(uint64_t recording) { recorded_.erase(recording); }

bool Optimizer::prepare_replay(uint64_t recording) {
  std::vector<Batch>& batches = recorded_[recording];
  for (Batch& batch : batches)
    for (std::size_t i = 0; i < batch.blocks.size(); ++i) {
      ParamState s = state(batch.params[i].second);
      ++s.step;
      const Step step = plan(groups_[batch.params[i].first].hypers, s);
      if (step.kind != batch.kind) return false;
      batch.blocks[i].constants = step.constants;
    }
  for (const Batch& batch : batches) {
    for (const auto& [group, p] : batch.params) ++state(p).step;
    copy_bytes(batch.device, batch.list.raw_data(), Device::cpu(), batch.blocks.data(),
               batch.blocks.size() * sizeof(WeightBlock));
  }
  return true;
}

void Optimizer::step_unless(const Tensor& skip) {
  skip_ = skip;
  try {
    step();
  } catch (...) {
    skip_ = {};
    throw;
  }
  skip_ = {};
}

void Optimizer::take_back_step() {
  for (auto& [key, s] : states_)
    if (s.step > 0) --s.step;
}

void Optimizer::zero_grad() {
  for (auto& group : groups_)
    for (auto& p : group.params) {
      if (p.grad().defined()) state(p).had_gradient = true;
      p.zero_grad();
    }
}

void Optimizer::set_hyper(const std::string& name, const std::vector<double>& values) {
  if (values.size() != 1 && values.size() != groups_.size())
    throw ValueError(format("[set_hyper] %zu values for %s: expected 1, or %zu for the groups", values.size(),
                            name.c_str(), groups_.size()));
  const HyperRange& hyper = hyper_by_name(name);
  for (double value : values) check_range(hyper.name, value, 0, hyper.most);
  for (std::size_t i = 0; i < groups_.size(); ++i)
    groups_[i].hypers.*hyper.member = values[values.size() == 1 ? 0 : i];
}

double Optimizer::hyper(const std::string& name, int group) const {
  const int n = static_cast<int>(groups_.size()), at = group < 0 ? group + n : group;
  if (at < 0 || at >= n) throw IndexError(format("[hyper] group %d of %d", group, n));
  return groups_[at].hypers.*hyper_by_name(name).member;
}

void Optimizer::freeze_to(int n) {
  const int count = static_cast<int>(groups_.size()), first = n < 0 ? n + count : n;
  if (first < 0 || first >= count)
    throw IndexError(format("[freeze_to] group %d: there are %d groups", n, count),
                     "freeze_to(0) trains all, freeze_to(-1) the last group");
  for (int i = 0; i < count; ++i)
    for (auto& p : groups_[i].params) p.requires_grad_(i >= first || state(p).force_train);
  clear_state();
}

void Optimizer::clear_state() {
  for (auto& [key, s] : states_) {
    s.m = s.v = s.slow = Tensor();
    s.step = 0;
  }
  lookahead_count_ = 0;
}

void Optimizer::look_ahead(int k, double alpha) {
  check_range("look_ahead k", k, 1, 1e9);
  lookahead_k_ = k;
  lookahead_alpha_ = alpha;
}

void Optimizer::pull_back() {
  for (auto& group : groups_)
    for (auto& p : group.params) {
      ParamState& s = state(p);
      s.slow.add_(p.detach() - s.slow, lookahead_alpha_);
      p.copy_(s.slow);
    }
}

}  // namespace minitorch::optim
