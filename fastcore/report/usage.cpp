// SPDX-License-Identifier: MIT
#include "fastcore/report/usage.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <vector>

#include "datasets/words.h"

namespace fastcore {

int refuse_usage(const CLI::App& app, const CLI::ParseError& error, const std::string& hint) {
  if (error.get_exit_code() == 0) return app.exit(error);
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
  const bool no_command = app.get_require_subcommand_min() > 0 && app.get_subcommands().empty();
  const auto unknown = app.remaining(true);
  std::string what = error.what(), near;
  if (!unknown.empty() && (no_command || dynamic_cast<const CLI::ExtrasError*>(&error))) {
    what = std::string("unknown ") + (unknown[0][0] == '-' ? "option '" : "word '") + unknown[0] + "'";
    near = datasets::nearest(unknown[0], known);
  }
  std::fprintf(stderr, "error: %s\n", what.c_str());
  std::fprintf(stderr, "try:   %s\n", near.empty() ? hint.c_str() : ("did you mean " + near + "?").c_str());
  return 2;
}

}  // namespace fastcore
