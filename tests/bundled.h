// SPDX-License-Identifier: MIT
// Bundled data sets for tests, unpacked once for the program into a folder of its own.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "datasets/files.h"
#include "fastcore/basics/external.h"
#include "tests/temp_folder.h"

namespace fastcore::testing {

/// The folder of a bundled data set; nothing is downloaded, the user's own data folder stays as it is.
inline Path bundled(const Dataset& dataset) {
  struct Silent : datasets::Watcher {
    void note(const std::string&) override {}
    void progress(const std::string&, int64_t, int64_t) override {}
  };
  static const TempFolder home;
  Silent silent;
  return datasets::fetch(dataset,
                         {.source = datasets::Source::kStandIn, .home = home.path, .watcher = &silent});
}

}  // namespace fastcore::testing
