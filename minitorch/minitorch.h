// SPDX-License-Identifier: MIT
// The whole library in one include: what lessons and tests use.
#pragma once
#include "minitorch/autograd/autocast.h"
#include "minitorch/autograd/draw_graph.h"
#include "minitorch/autograd/gradcheck.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/profile.h"
#include "minitorch/core/random.h"
#include "minitorch/io/io.h"
#include "minitorch/nn/nn.h"
#include "minitorch/ops/ops.h"
#include "minitorch/optim/grad_scaler.h"
#include "minitorch/optim/optimizer.h"
#include "minitorch/tensor/factories.h"
#include "minitorch/tensor/indexing.h"
#include "minitorch/tensor/tensor.h"
