// SPDX-License-Identifier: MIT
// All of fastcore/frame: tables, files of them, groups, joins, dates.
#pragma once
#include "fastcore/frame/csv.h"
#include "fastcore/frame/data_frame.h"
#include "fastcore/frame/dates.h"
#include "fastcore/frame/group.h"
#include "fastcore/frame/reshape.h"
#include "fastcore/frame/series.h"
