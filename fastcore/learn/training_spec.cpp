// SPDX-License-Identifier: MIT
// How a learner trains, as data: groups of parameters, optimiser, rates and decay.
#include <map>

#include "fastcore/learn/export.h"
#include "fastcore/learn/spec_parts.h"

namespace fastcore {
using namespace minitorch;

namespace {

const std::vector<std::pair<std::string, OptFunc>>& library_opt_funcs() {
  static const std::vector<std::pair<std::string, OptFunc>> all{
      {"Adam", Adam},     {"SGD", SGD},   {"RMSProp", RMSProp}, {"RAdam", RAdam},
      {"QHAdam", QHAdam}, {"Larc", Larc}, {"Lamb", Lamb},       {"ranger", ranger}};
  return all;
}
FunctionNames<OptFunc>& own_opt_funcs() {
  static FunctionNames<OptFunc> all;
  return all;
}

// "" for one without a name.
std::string opt_func_name(const OptFunc& opt_func) {
  for (const auto& all : {library_opt_funcs(), own_opt_funcs().list()})
    for (const auto& [name, known] : all)
      if (known.same_as(opt_func)) return name;
  return "";
}
OptFunc make_opt_func(const std::string& wanted) {
  if (wanted.empty())
    return [](const optim::Groups&, double) -> optim::Adam {
      throw ValueError("[load_learner] the optimiser is a function of the program that trained this model",
                       "set it before you freeze or train: learn.opt_func = ...; or give it a name in both "
                       "programs: register_opt_func(\"my_opt\", ...)");
    };
  for (const auto& all : {library_opt_funcs(), own_opt_funcs().list()})
    for (const auto& [name, known] : all)
      if (name == wanted) return known;
  throw ValueError("[load_learner] nobody here knows an optimiser called '" + wanted + "'",
                   "a program that uses this export has to register_opt_func(\"" + wanted +
                       "\", ...) first, as the one that made it did");
}

}  // namespace

void register_opt_func(const std::string& name, const OptFunc& opt_func) {
  for (const auto& [known, standard] : library_opt_funcs())
    if (known == name) throw_taken("register_opt_func", name);
  if (!opt_func.comparable())
    throw ValueError(
        "[register_opt_func] " + name + " is an object with members, which may be others next time",
        "write its options into the function: [](optim::Groups groups, double lr) { return "
        "optim::SGD(std::move(groups), {.lr = lr, .mom = 0.9}); }");
  own_opt_funcs().add(name, opt_func);
}

Settings describe_groups(Learner& learn) {
  std::map<const TensorImpl*, std::string> names;
  for (const auto& [name, parameter] : learn.model->named_parameters())
    names.emplace(&parameter.impl(), name);
  std::vector<std::vector<Tensor>> groups;
  if (learn.opt)  // made before layers were frozen, when all of them were there to be grouped
    for (const auto& group : learn.opt->groups()) groups.push_back(group.params);
  else groups = learn.splitter(*learn.model).lists;
  if (groups.size() == 1 && groups[0].size() == names.size()) return {};
  Settings described;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::vector<std::string> own;
    for (const Tensor& parameter : groups[i])
      if (const auto found = names.find(&parameter.impl()); found != names.end())
        own.push_back(found->second);
    described[std::to_string(i)] = own;
  }
  return described;
}
Splitter make_splitter(const Settings& described) {
  std::vector<std::vector<std::string>> groups;
  for (std::size_t i = 0; described.contains(std::to_string(i)); ++i)
    groups.push_back(setting<std::vector<std::string>>(described, std::to_string(i).c_str(), {}));
  if (groups.empty()) return trainable_params;
  return [groups](nn::Module& model) -> optim::Groups {
    const auto known = model.named_parameters();
    const std::map<std::string, Tensor> all(known.begin(), known.end());
    std::vector<std::vector<Tensor>> lists;
    for (const auto& names : groups) {
      lists.emplace_back();
      for (const std::string& name : names) {
        if (!all.count(name))
          throw ValueError("[load_learner] a group has the parameter '" + name + "', which the model lacks",
                           "export the learner anew, or set learn.splitter");
        lists.back().push_back(all.at(name));
      }
    }
    return lists;
  };
}

Settings describe_training(const Learner& learn) {
  Settings training{{"opt_func", opt_func_name(learn.opt_func)},
                    {"lr", learn.lr},
                    {"moms", std::vector<double>(learn.moms.begin(), learn.moms.end())},
                    {"wd_bn_bias", learn.wd_bn_bias},
                    {"train_bn", learn.train_bn}};
  if (learn.wd) training["wd"] = *learn.wd;
  return training;
}
void set_training(LearnerOptions& options, const Settings& training) {
  options.lr = setting(training, "lr", options.lr);
  if (training.contains("wd")) options.wd = setting(training, "wd", 0.0);
  options.wd_bn_bias = setting(training, "wd_bn_bias", options.wd_bn_bias);
  options.train_bn = setting(training, "train_bn", options.train_bn);
  if (const auto moms = setting<std::vector<double>>(training, "moms", {}); moms.size() == 3)
    options.moms = {moms[0], moms[1], moms[2]};
  if (training.contains("opt_func"))
    options.opt_func = make_opt_func(setting<std::string>(training, "opt_func", ""));
}

}  // namespace fastcore
