// SPDX-License-Identifier: MIT
// All of fastcore/basics: lists, paths, printing, progress, parallel work, checks.
#pragma once
#include "fastcore/basics/dict.h"
#include "fastcore/basics/external.h"
#include "fastcore/basics/helpers.h"
#include "fastcore/basics/l.h"
#include "fastcore/basics/parallel.h"
#include "fastcore/basics/path.h"
#include "fastcore/basics/progress.h"
#include "fastcore/basics/repr.h"
#include "fastcore/basics/testing.h"
#include "fastcore/basics/web_images.h"
