// SPDX-License-Identifier: MIT
#include "fastcore/report/run_facts.h"

#include <sys/utsname.h>

#include <cstdio>

#include "minitorch/core/parallel.h"

namespace fastcore {

RunFields options_of(const LessonOptions& options) {
  RunFields chosen{{"device", to_string(options.device)},
                   {"threads", int64_t{minitorch::num_threads()}},
                   {"seed", options.seed},
                   {"quick", options.quick},
                   {"data", options.data}};
  if (options.epochs) chosen.emplace_back("epochs", *options.epochs);
  if (options.bs) chosen.emplace_back("bs", *options.bs);
  if (options.lr) chosen.emplace_back("lr", *options.lr);
  for (const auto& [name, value] : options.own) chosen.emplace_back(name, value);
  return chosen;
}

// The folder's own history is asked when the program runs: a library that knew its commit would have to be
// built anew for each.
static std::string commit_here() {
  const char command[] = "git --no-optional-locks -C '" MT_SOURCE_DIR
                         "' describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null";
  std::string text;
  if (std::FILE* git = popen(command, "r")) {
    for (int c; (c = std::fgetc(git)) != EOF && c != '\n';) text += static_cast<char>(c);
    pclose(git);
  }
  return text.empty() ? "unknown" : text;
}

RunFields versions_here() {
  utsname system{};
  uname(&system);
  return {{"course", std::string("0.1.0")},
          {"commit", commit_here()},
          {"compiler", std::string(__VERSION__)},
          {"system", std::string(system.sysname) + " " + system.release + ", " + system.machine}};
}

}  // namespace fastcore
