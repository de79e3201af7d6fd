// SPDX-License-Identifier: MIT
// What the parts of an export have in common: names that stand for functions, and how a Learner trains.
#pragma once
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fastcore/learn/learner.h"
#include "minitorch/core/errors.h"

namespace fastcore {

/// Functions by the names that a program has given them.
template <class Function>
class FunctionNames {
 public:
  /// A second function of one name takes the place of the first.
  void add(const std::string& name, const Function& function) {
    std::lock_guard lock(mutex_);
    for (auto& [known, old] : all_)
      if (known == name) return void(old = function);
    all_.emplace_back(name, function);
  }
  /// All of them, as they were added.
  std::vector<std::pair<std::string, Function>> list() {
    std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::string, Function>> all_;
};

/// @throws ValueError, always: a function of one's own was to have a name of the library
[[noreturn]] inline void throw_taken(const char* where, const std::string& name) {
  throw minitorch::ValueError(std::string("[") + where + "] " + name + " is the name of one of the library's",
                              "choose another name");
}

/// How a Learner trains: optimiser, rates and decay as it was given them.
Settings describe_training(const Learner& learn);
/// Exports of earlier versions say nothing of it: then what a new Learner has stands.
void set_training(LearnerOptions& options, const Settings& training);
/// The parameters of each group by name; nothing where one group holds them all.
Settings describe_groups(Learner& learn);
/// Makes the same groups. It throws ValueError for a name that the model lacks.
Splitter make_splitter(const Settings& described);

}  // namespace fastcore
