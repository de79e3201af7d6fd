// SPDX-License-Identifier: MIT
#include "fastcore/basics/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

namespace fastcore {
namespace {

std::atomic<bool> wanted{false};
std::atomic<int> asked_by{SIGINT};
std::atomic<const char*> said{""};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free &&
                  std::atomic<const char*>::is_always_lock_free,
              "a signal handler may not take a lock");

void on_signal(int signal) {
  asked_by = signal;
  if (wanted.exchange(true)) _exit(130);
  const char* text = said;
  [[maybe_unused]] auto written = write(2, "\n", 1);
  written = write(2, text, std::strlen(text));
  written = write(2, "\n", 1);
}

}  // namespace

Interrupted::Interrupted(const std::string& hint)
    : Error(asked_by == SIGTERM ? "stopped by SIGTERM" : "stopped by Ctrl-C", hint) {}

void catch_interrupts(const char* told) {
  said = told;
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return wanted; }
void stop_if_interrupted(const std::string& hint) {
  if (wanted) throw Interrupted(hint);
}
void set_interrupted(bool on) {
  asked_by = SIGINT;
  wanted = on;
}

}  // namespace fastcore
