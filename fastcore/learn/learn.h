// SPDX-License-Identifier: MIT
// All of fastcore/learn that a lesson uses.
#pragma once
#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/hooks.h"
#include "fastcore/learn/layers.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/lr_finder.h"
#include "fastcore/learn/metrics.h"
#include "fastcore/learn/mixup.h"
#include "fastcore/learn/param_scheduler.h"
#include "fastcore/learn/predictions.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/learn/schedule.h"
#include "fastcore/learn/tracker.h"
