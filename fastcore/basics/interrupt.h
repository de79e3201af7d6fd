// SPDX-License-Identifier: MIT
// Ctrl-C as a wish: the step at hand ends, results are saved, then the program stops with code 130.
#pragma once
#include "minitorch/core/errors.h"

namespace fastcore {

/// What a training loop throws when it has ended its step and saved because the user asked to stop.
class Interrupted : public minitorch::Error {
 public:
  /// @param hint how to go on
  explicit Interrupted(const std::string& hint = "");
  int exit_code() const override { return 130; }
};

/// From now on Ctrl-C (and SIGTERM) only sets a flag and writes `told`, a text that lives as long as the
/// program; a second Ctrl-C ends the program at once with code 130.
void catch_interrupts(const char* told = "ending this step, then saving; once more to stop at once");

/// Whether the user has asked to stop. Training loops look at it after each step.
bool interrupted();
/// @throws Interrupted when the user has asked to stop
void stop_if_interrupted(const std::string& hint = "");

/// Sets or forgets the flag: for tests, and for programs that go on afterwards.
void set_interrupted(bool on);

}  // namespace fastcore
