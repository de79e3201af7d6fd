// SPDX-License-Identifier: MIT
#include "datasets/watcher.h"

#include <cstdio>

namespace datasets {

void Watcher::note(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }
void Watcher::progress(const std::string&, int64_t, int64_t) {}

}  // namespace datasets
