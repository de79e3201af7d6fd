// SPDX-License-Identifier: MIT
// Threes and sevens as tensors, a loss that can be followed, and the loop that trains any model of them.
#pragma once
#include <vector>

#include "fastcore/data/image_tensors.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/report/lesson.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

struct Digits {
  Tensor train_x, train_y, valid_x, valid_y;  // (n, 784), (n, 1): 1 for a three
};

inline Tensor label_column(int64_t threes, int64_t sevens) {
  return cat({ones({threes}), zeros({sevens})}).unsqueeze(1);
}

//! [loss]
inline Tensor mnist_loss(const Tensor& prediction, const Tensor& is_three) {
  const Tensor p = sigmoid(prediction);
  return where(is_three == 1, 1 - p, p).mean();
}
inline Tensor batch_accuracy(const Tensor& prediction, const Tensor& is_three) {
  return ((prediction > 0).to(kFloat32) == is_three).to(kFloat32).mean();
}
//! [loss]

//! [epoch]
template <class Model, class Step>
std::vector<double> train(Lesson& lesson, const char* name, const Digits& digits, int64_t epochs,
                          bool shuffle, Model model, Step step) {
  auto loader = tensor_loader(digits.train_x, digits.train_y, {.bs = 64, .shuffle = shuffle});
  std::vector<double> accuracies;
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    for (Batch& batch : *loader) {
      mnist_loss(model(batch.x[0]), batch.y[0]).backward();
      step();
    }
    NoGrad no_grad;
    const Tensor train_loss = mnist_loss(model(digits.train_x), digits.train_y);
    accuracies.push_back(batch_accuracy(model(digits.valid_x), digits.valid_y).item());
    lesson.record(name, epoch, {{"train_loss", train_loss}, {"accuracy", accuracies.back()}});
  }
  return accuracies;
}
//! [epoch]
