// SPDX-License-Identifier: MIT
// Everything to build a net from.
#pragma once
#include "minitorch/nn/activations.h"
#include "minitorch/nn/attention.h"
#include "minitorch/nn/clip.h"
#include "minitorch/nn/containers.h"
#include "minitorch/nn/init.h"
#include "minitorch/nn/layers.h"
#include "minitorch/nn/module.h"
#include "minitorch/nn/recurrent.h"
