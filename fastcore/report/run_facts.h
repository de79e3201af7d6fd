// SPDX-License-Identifier: MIT
// What run.json says of a run beside its figures.
#pragma once
#include "fastcore/report/lesson.h"
#include "fastcore/report/run_files.h"

namespace fastcore {

/// The options as the run has them, threads counted.
RunFields options_of(const LessonOptions& options);

/// What computed the figures: the course and its git commit ("-dirty" where files differ from it, "unknown"
/// without git), the compiler, the system.
RunFields versions_here();

}  // namespace fastcore
