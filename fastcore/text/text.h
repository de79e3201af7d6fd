// SPDX-License-Identifier: MIT
// Everything for text in one include: from fastai.text.all import *.
#pragma once
#include "fastcore/learn/learn.h"
#include "fastcore/text/learner.h"
#include "fastcore/text/text_block.h"
#include "fastcore/text/tokenizer.h"
#include "fastcore/text/transformer.h"
