// SPDX-License-Identifier: MIT
// What an optimiser keeps between runs, as named tensors.
#include <bit>
#include <map>
#include <utility>

#include "minitorch/ops/copy/copy.h"
#include "minitorch/optim/optimizer.h"
#include "minitorch/tensor/factories.h"

namespace minitorch::optim {
namespace {

constexpr double Hypers::*kSaved[] = {&Hypers::lr, &Hypers::mom, &Hypers::sqr_mom, &Hypers::eps, &Hypers::wd};
constexpr int64_t kSavedCount = std::size(kSaved);

// (groups, 5): the bits of doubles, which no type of tensor holds as they are.
Tensor saved_hypers(const std::vector<ParamGroup>& groups) {
  std::vector<int64_t> bits;
  for (auto& group : groups)
    for (auto member : kSaved) bits.push_back(std::bit_cast<int64_t>(group.hypers.*member));
  return tensor(bits, {static_cast<int64_t>(groups.size()), kSavedCount});
}

void take_hypers(const Tensor& saved, std::vector<ParamGroup>& groups) {
  if (saved.dtype() != kInt64 || !(saved.shape() == Shape{static_cast<int64_t>(groups.size()), kSavedCount}))
    throw ShapeError(format("[load_state_dict] hyper-parameters of shape %s for %zu groups",
                            to_string(saved.shape()).c_str(), groups.size()),
                     "load the state into an optimiser of the same groups as the one that was saved");
  const auto bits = saved.to_vector<int64_t>();
  for (std::size_t i = 0; i < bits.size(); ++i)
    groups[i / kSavedCount].hypers.*kSaved[i % kSavedCount] = std::bit_cast<double>(bits[i]);
}

}  // namespace

std::vector<std::pair<std::string, Tensor>> Optimizer::state_dict() const {
  std::vector<std::pair<std::string, Tensor>> out;
  out.emplace_back("lookahead", tensor(lookahead_count_));
  out.emplace_back("hypers", saved_hypers(groups_));
  int at = 0;
  for (auto& group : groups_)
    for (auto& p : group.params) {
      const std::string prefix = std::to_string(at++) + ".";
      auto found = states_.find(&p.impl());
      if (found == states_.end()) continue;
      const ParamState& s = found->second;
      out.emplace_back(prefix + "step", tensor(s.step));
      out.emplace_back(prefix + "had_gradient", tensor(s.had_gradient));
      for (auto& [name, value] : {std::pair{"m", s.m}, {"v", s.v}, {"slow", s.slow}})
        if (value.defined()) out.emplace_back(prefix + name, value);
    }
  return out;
}

void Optimizer::load_state_dict(const std::vector<std::pair<std::string, Tensor>>& saved) {
  std::map<std::string, Tensor> entries(saved.begin(), saved.end());
  std::map<std::string, Tensor> own;
  int at = 0;
  for (auto& group : groups_)
    for (auto& p : group.params) own[std::to_string(at++)] = p;
  for (auto& [name, value] : entries) {
    const auto dot = name.find('.');
    const std::string field = dot == std::string::npos ? name : name.substr(dot + 1);
    const bool number = field == "step" || field == "had_gradient" || field == "lookahead";
    if (number && value.numel() != 1)
      throw ShapeError("[load_state_dict] the optimiser state '" + name + "' of shape " +
                           to_string(value.shape()) + ": expected one number",
                       "the file was not written by save(): save the model anew");
    if (dot == std::string::npos) continue;
    auto found = own.find(name.substr(0, dot));
    const bool average = field == "m" || field == "v" || field == "slow";
    if (found == own.end() || (average && !(value.shape() == found->second.shape())))
      throw ShapeError("[load_state_dict] the optimiser state '" + name + "' of shape " +
                           to_string(value.shape()) + " fits no parameter here",
                       "load the state into the model that it was saved from");
    if (average && !is_floating(value.dtype()))
      throw DtypeError(format("[load_state_dict] the optimiser state '%s' of type %s: expected a float type",
                              name.c_str(), minitorch::name(value.dtype())),
                       "the file was not written by save(): save the model anew");
  }
  // Nothing has changed so far; what follows throws before its first change, or not at all.
  if (auto saved = entries.find("hypers"); saved != entries.end()) take_hypers(saved->second, groups_);
  clear_state();
  if (entries.count("lookahead")) lookahead_count_ = static_cast<int>(entries["lookahead"].item());
  for (auto& [index, p] : own) {
    ParamState& s = state(p);
    auto take = [&, &index = index, &p = p](const char* field, Tensor& to) {  // named for clang 14
      if (auto e = entries.find(index + "." + field); e != entries.end())
        to = e->second.to(kFloat32).to(p.device()).clone();
    };
    take("m", s.m);
    take("v", s.v);
    take("slow", s.slow);
    if (auto e = entries.find(index + ".step"); e != entries.end())
      s.step = static_cast<int64_t>(e->second.item());
    if (auto e = entries.find(index + ".had_gradient"); e != entries.end())
      s.had_gradient = e->second.item() != 0;
  }
}

}  // namespace minitorch::optim
