// SPDX-License-Identifier: MIT
// What a tool says of a command line that it does not understand: the course's shape of an error.
#pragma once
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "datasets/words.h"

// CLI11 says what it did not expect; the reader also wants to know what it would have. `help` is the command
// that lists it. Returns the exit code.
inline int refuse_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv,
                        const std::string& help) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
  std::vector<std::string> known;
  const auto options_of = [&](const CLI::App& of) {
    for (const auto* option : of.get_options())
      for (const auto& name : option->get_lnames()) known.push_back("--" + name);
  };
  options_of(app);
  for (const auto* sub : app.get_subcommands({})) {
    known.push_back(sub->get_name());
    options_of(*sub);
  }
  std::string what = error.what(), near;
  const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&error);
  const bool no_command = app.get_require_subcommand_min() > 0 && app.get_subcommands().empty();
  for (int i = 1; i < argc && (is_extra || no_command); ++i) {
    if (std::find(known.begin(), known.end(), argv[i]) != known.end()) continue;
    if (argv[i][0] != '-' && !no_command) continue;  // a value, not an option
    what = "unknown " + std::string(argv[i][0] == '-' ? "option" : "word") + " '" + argv[i] + "'";
    near = datasets::nearest(argv[i], known);
    break;
  }
  std::fprintf(stderr, "error: %s\n", what.c_str());
  std::fprintf(stderr, "try:   %s\n", near.empty() ? help.c_str() : ("did you mean " + near + "?").c_str());
  return 2;
}
