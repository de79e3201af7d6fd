// SPDX-License-Identifier: MIT
// How a learner trains, as data: groups of parameters, optimiser, rates and decay.
#include <algorithm>
#include <map>

#include "fastcore/data/fields.h"
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
  Fields fields(described);
  for (std::string place = "0"; described.contains(place); place = std::to_string(groups.size()))
    fields(place.c_str(), groups.emplace_back());
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

// Lists of one number, or none, stand for what need not be there.
static void fields_of(Fields& f, LearnerOptions& o) {
  std::string opt_func = opt_func_name(o.opt_func);
  std::vector<double> moms(o.moms.begin(), o.moms.end()), wd;
  if (o.wd) wd.push_back(*o.wd);
  f("opt_func", opt_func)("lr", o.lr)("moms", moms)("wd", wd);
  f("wd_bn_bias", o.wd_bn_bias)("train_bn", o.train_bn);
  o.opt_func = make_opt_func(opt_func);
  if (moms.size() == o.moms.size()) std::copy(moms.begin(), moms.end(), o.moms.begin());
  o.wd = wd.empty() ? std::nullopt : std::optional(wd[0]);
}

Settings describe_training(const Learner& learn) {
  LearnerOptions options{.opt_func = learn.opt_func,
                         .lr = learn.lr,
                         .wd = learn.wd,
                         .wd_bn_bias = learn.wd_bn_bias,
                         .train_bn = learn.train_bn,
                         .moms = learn.moms};
  Fields fields;
  fields_of(fields, options);
  return fields.collected();
}
void set_training(LearnerOptions& options, const Settings& training) {
  Fields fields(training);
  fields_of(fields, options);
}

}  // namespace fastcore
