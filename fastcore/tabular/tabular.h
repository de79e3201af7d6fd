// SPDX-License-Identifier: MIT
// Prepared tables and nets for them. Trees have headers of their own: tree.h, forest.h, boosting.h,
// interpret.h.
#pragma once
#include "fastcore/frame/frame.h"
#include "fastcore/tabular/learner.h"
#include "fastcore/tabular/tabular_block.h"
