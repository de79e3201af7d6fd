// SPDX-License-Identifier: MIT
// Threes and sevens as tensors, a loss that can be followed, and the loop that trains any model of them.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "fastcore/data/image_tensors.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

struct Pictures {
  Tensor train_3, train_7, valid_3, valid_7;  // (n, 28, 28)
};
inline Pictures load_pictures(const Path& path) {
  const auto load = [&](const char* part, const char* digit) {
    return stack_grey_images((path / part / digit).ls());
  };
  return {load("train", "3"), load("train", "7"), load("valid", "3"), load("valid", "7")};
}

struct Digits {
  Tensor train_x, train_y, valid_x, valid_y;  // (n, 784), (n, 1): 1 for a three
};
inline Digits as_rows(const Pictures& pictures) {
  const auto rows = [](const Tensor& threes, const Tensor& sevens) {
    return cat({threes, sevens}).view({-1, 784});
  };
  const auto labels = [](const Tensor& threes, const Tensor& sevens) {
    return cat({ones({threes.size(0)}), zeros({sevens.size(0)})}).unsqueeze(1);
  };
  return {rows(pictures.train_3, pictures.train_7), labels(pictures.train_3, pictures.train_7),
          rows(pictures.valid_3, pictures.valid_7), labels(pictures.valid_3, pictures.valid_7)};
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
template <class Model, class Step, class Watch>
std::vector<double> train(const Digits& digits, int64_t epochs, bool shuffle, Model model, Step step,
                          Watch watch) {
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
    watch(epoch, train_loss, accuracies.back());
  }
  return accuracies;
}
//! [epoch]

// What models come to: a curve and a row of a table for each.
struct Comparison {
  Plot plot{"Accuracy on the validation set"};
  std::vector<std::vector<std::string>> rows = {};

  void add(Lesson& lesson, const char* name, const std::vector<double>& accuracies) {
    plot.curve(accuracies, {.label = name});
    const std::size_t third = std::min<std::size_t>(2, accuracies.size() - 1);
    rows.push_back({name, format("%.3f", accuracies.front()), format("%.3f", accuracies[third]),
                    format("%.3f", accuracies.back())});
    lesson.metric(name, accuracies.back());
  }
  void show(Lesson& lesson) {
    plot.x_axis = {.label = "epoch", .whole = true};
    plot.y_axis.label = "accuracy";
    lesson.table({"model", "epoch 1", "epoch 3", "last"}, rows);
    lesson.figure("accuracy", plot, "Shuffling first, then a layer more.");
  }
};
