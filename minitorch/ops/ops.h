// SPDX-License-Identifier: MIT
// Every op. Each folder beside this file holds one family: contract, gradient and kernels.
#pragma once
#include "minitorch/ops/arrange/arrange.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/conv/conv.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/embedding/embedding.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/loss/loss.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/norm/norm.h"
#include "minitorch/ops/pool/pool.h"
#include "minitorch/ops/pad/pad.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/softmax/softmax.h"
#include "minitorch/ops/unary/unary.h"
