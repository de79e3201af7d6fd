// SPDX-License-Identifier: MIT
// All of fastcore/tabular: prepared tables, nets and trees for them.
#pragma once
#include "fastcore/frame/frame.h"
#include "fastcore/tabular/learner.h"
#include "fastcore/tabular/tabular_block.h"
