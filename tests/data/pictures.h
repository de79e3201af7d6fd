// SPDX-License-Identifier: MIT
// The bundled pictures, unpacked once beside the test program.
#pragma once
#include <cstdlib>

#include "fastcore/basics/external.h"

namespace fastcore::testing {

inline Path pictures() {
  setenv("COURSE_DATA", "test_data_home", 1);
  return untar_data(urls::PICTURES_SAMPLE, {.source = Source::kStandIn});
}

/// A folder of its own for a test, empty, removed at its end.
class NamedFolder {
 public:
  explicit NamedFolder(const std::string& name) : path("test_data_" + name) {
    path.mkdir({.overwrite = true});
  }
  ~NamedFolder() { path.remove(); }
  const Path path;
};

}  // namespace fastcore::testing
