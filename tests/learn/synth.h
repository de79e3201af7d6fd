// SPDX-License-Identifier: MIT
// What tests of training share: a line to be learned, a terminal that remembers, a trace of events.
#pragma once
#include <catch2/catch.hpp>
#include <cctype>
#include <cstdlib>

#include "fastcore/basics/terminal.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/recorder.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/nn/nn.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"
#include "tests/temp_folder.h"

namespace fastcore::testing {

using Lines = std::vector<std::string>;

/// Keeps what is written instead of showing it. Time stands still.
struct QuietTerminal : Terminal {
  QuietTerminal() { set(this); }
  ~QuietTerminal() override { set(nullptr); }
  bool can_redraw() const override { return false; }
  int columns() const override { return 100; }
  void draw(const std::string&) override {}
  void write_line(const std::string& text) override { lines.push_back(text); }
  double now() const override { return 0; }
  std::vector<std::string> lines;
};

/// y = 2 x + 3: n items in batches of bs, and as many to validate with.
inline DataLoaders line_data(int64_t n = 8, int64_t bs = 4, bool shuffle = false) {
  const Tensor x = minitorch::linspace(-1, 1, n).reshape({n, 1});
  const Tensor y = x * 2 + 3;
  return DataLoaders({tensor_loader(x, y, {.bs = bs, .shuffle = shuffle}), tensor_loader(x, y, {.bs = bs})});
}
/// One weight and one bias, both 0.
inline minitorch::nn::Linear line_model() {
  minitorch::nn::Linear model(1, 1);
  minitorch::NoGrad no_grad;
  model->weight.zero_();
  model->bias.zero_();
  return model;
}

inline Learner line_learner(LearnerOptions options = {}) {
  return Learner(line_data(), line_model(), std::move(options));
}

/// A folder of its own, gone in the end.
struct Folder : private TempFolder {
  const Path path = TempFolder::path;
};

/// What was said beside the rows of the table.
inline std::vector<std::string> told(const QuietTerminal& terminal) {
  std::vector<std::string> lines;
  for (const auto& line : terminal.lines)
    if (line.substr(0, 5) != "epoch" && !std::isdigit(line[0])) lines.push_back(line);
  return lines;
}

/// Writes down every event that arrives.
struct Trace : Callback {
  std::vector<std::string> seen;
#define FC_TRACE(name) \
  void name(Learner& learn) override { note(learn, #name); }
  FC_TRACE(after_create)
  FC_TRACE(before_fit)
  FC_TRACE(before_epoch)
  FC_TRACE(before_train)
  FC_TRACE(before_batch)
  FC_TRACE(after_pred)
  FC_TRACE(after_loss)
  FC_TRACE(before_backward)
  FC_TRACE(after_cancel_backward)
  FC_TRACE(after_backward)
  FC_TRACE(before_step)
  FC_TRACE(after_cancel_step)
  FC_TRACE(after_step)
  FC_TRACE(after_cancel_batch)
  FC_TRACE(after_batch)
  FC_TRACE(after_cancel_train)
  FC_TRACE(after_train)
  FC_TRACE(before_validate)
  FC_TRACE(after_cancel_validate)
  FC_TRACE(after_validate)
  FC_TRACE(after_cancel_epoch)
  FC_TRACE(after_epoch)
  FC_TRACE(after_cancel_fit)
  FC_TRACE(after_fit)
#undef FC_TRACE
  virtual void note(Learner&, const char* event) { seen.push_back(event); }
};

}  // namespace fastcore::testing
