// SPDX-License-Identifier: MIT
// All of fastcore/learn that a lesson uses.
#pragma once
#include "fastcore/learn/learner.h"
#include "fastcore/learn/metrics.h"
#include "fastcore/learn/param_scheduler.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/learn/schedule.h"
