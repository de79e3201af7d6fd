// SPDX-License-Identifier: MIT
// A deep learning library from nothing: the standard library of C++ and arithmetic. Read it from top to
// bottom.
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "lessons/14_foundations/matrices.h"

namespace nothing {

// --- gradients without a hand --------------------------------------------------------------------------

//! [node]
// A matrix that remembers what it was made from and how its gradient flows back there.
struct Node {
  Matrix value, grad = {};
  bool wants_grad = false;
  std::vector<std::shared_ptr<Node>> from = {};
  std::function<void(const Matrix& d)> back = {};  // d is the gradient of this node

  void add_grad(const Matrix& d) {
    if (grad.data.empty()) grad = Matrix(value.rows, value.cols);
    for (std::size_t i = 0; i < d.data.size(); ++i) grad.data[i] += d.data[i];
  }
};
using Value = std::shared_ptr<Node>;

inline Value parameter(Matrix m) {
  return std::make_shared<Node>(Node{.value = std::move(m), .wants_grad = true});
}
inline Value constant(Matrix m) { return std::make_shared<Node>(Node{.value = std::move(m)}); }
inline Value result(Matrix m, std::vector<Value> from, std::function<void(const Matrix&)> back) {
  return std::make_shared<Node>(Node{std::move(m), {}, true, std::move(from), std::move(back)});
}
//! [node]

//! [operations]
inline Value linear(const Value& x, const Value& w, const Value& b) {
  return result(linear(x->value, w->value, b->value), {x, w, b}, [x, w, b](const Matrix& d) {
    if (x->wants_grad) x->add_grad(linear_grad_x(w->value, d));
    w->add_grad(linear_grad_w(x->value, d));
    b->add_grad(linear_grad_b(d));
  });
}
inline Value relu(const Value& x) {
  return result(relu(x->value), {x}, [x](const Matrix& d) { x->add_grad(relu_grad(x->value, d)); });
}
inline Value mse(const Value& pred, const Matrix& y) {
  return result(Matrix(1, 1, mse(pred->value, y)), {pred},
                [pred, y](const Matrix&) { pred->add_grad(mse_grad(pred->value, y)); });
}
// The mean over rows of -log softmax(x)(label); its gradient is (softmax(x) - one at the label) / rows.
// -log softmax(x)(j) = log(sum of exp(x - m)) + m - x(j): with the row's largest number for m nothing grows
// too large, and no logarithm of 0 is taken where the net is sure and wrong.
inline Value cross_entropy(const Value& x, const std::vector<int>& labels) {
  Matrix d = x->value;
  double loss = 0;
  for (int i = 0; i < d.rows; ++i) {
    float* const row = d.row(i);
    const float top = *std::max_element(row, row + d.cols), right = row[labels[std::size_t(i)]];
    double total = 0;
    for (int j = 0; j < d.cols; ++j) total += row[j] = std::exp(row[j] - top);
    loss += (std::log(total) + top - right) / d.rows;
    for (int j = 0; j < d.cols; ++j)
      row[j] = float((row[j] / total - (j == labels[std::size_t(i)])) / d.rows);
  }
  return result(Matrix(1, 1, float(loss)), {x}, [x, d](const Matrix&) { x->add_grad(d); });
}
//! [operations]

//! [engine]
// Walks from the loss to the parameters: a node comes after everything that was made from it.
inline void backward(const Value& loss) {
  std::vector<Node*> order;
  std::set<Node*> seen;
  const std::function<void(Node*)> visit = [&](Node* node) {
    if (!seen.insert(node).second) return;
    for (const Value& parent : node->from) visit(parent.get());
    order.push_back(node);
  };
  visit(loss.get());
  loss->grad = Matrix(1, 1, 1);
  for (auto node = order.rbegin(); node != order.rend(); ++node)
    if ((*node)->back) (*node)->back((*node)->grad);
}
//! [engine]

// --- data ----------------------------------------------------------------------------------------------

//! [data]
struct Dataset {
  Matrix x;  // an item a row
  std::vector<int> y;
  int size() const { return x.rows; }
};
struct Batch {
  Matrix x;
  std::vector<int> y;
};

struct DataLoader {
  const Dataset& items;
  int bs = 64;
  bool shuffle = false;
  std::mt19937 random{42};

  std::vector<Batch> batches() {
    std::vector<int> order(std::size_t(items.size()));
    std::iota(order.begin(), order.end(), 0);
    if (shuffle) std::shuffle(order.begin(), order.end(), random);
    std::vector<Batch> all;
    for (int first = 0; first < items.size(); first += bs) {
      Batch batch{Matrix(std::min(bs, items.size() - first), items.x.cols), {}};
      for (int i = 0; i < batch.x.rows; ++i) {
        const int item = order[std::size_t(first + i)];
        std::copy_n(items.x.row(item), items.x.cols, batch.x.row(i));
        batch.y.push_back(items.y[std::size_t(item)]);
      }
      all.push_back(std::move(batch));
    }
    return all;
  }
};
//! [data]

// --- layers --------------------------------------------------------------------------------------------

//! [modules]
struct Module {
  virtual ~Module() = default;
  virtual Value forward(const Value& x) = 0;
  virtual std::vector<Value> parameters() { return {}; }
};

struct Linear : Module {
  Value w, b;
  Linear(int in, int out, std::mt19937& random)
      : w(parameter(Matrix(in, out))), b(parameter(Matrix(1, out))) {
    std::normal_distribution<float> normal(0, std::sqrt(2.0f / float(in)));  // Kaiming He's
    for (float& v : w->value.data) v = normal(random);
  }
  Value forward(const Value& x) override { return linear(x, w, b); }
  std::vector<Value> parameters() override { return {w, b}; }
};

struct ReLU : Module {
  Value forward(const Value& x) override { return relu(x); }
};

struct Sequential : Module {
  std::vector<std::shared_ptr<Module>> layers;
  explicit Sequential(std::vector<std::shared_ptr<Module>> layers) : layers(std::move(layers)) {}
  Value forward(const Value& x) override {
    Value y = x;
    for (const auto& layer : layers) y = layer->forward(y);
    return y;
  }
  std::vector<Value> parameters() override {
    std::vector<Value> all;
    for (const auto& layer : layers)
      for (const Value& p : layer->parameters()) all.push_back(p);
    return all;
  }
};
//! [modules]

// --- training ------------------------------------------------------------------------------------------

//! [learner]
struct Learner;
struct Callback {
  virtual ~Callback() = default;
  virtual void before_batch(Learner&) {}
  virtual void after_batch(Learner&) {}
  virtual void after_epoch(Learner&) {}
};

struct Learner {
  DataLoader &train, &valid;
  Module& model;
  std::vector<Callback*> callbacks;
  double lr = 0.1, pct_train = 0;  // the share of training that is done
  int epoch = 0;
  bool training = false;
  Batch batch = {};
  Value pred = {}, loss = {};

  void fit(int epochs) {
    for (epoch = 0; epoch < epochs; ++epoch) {
      for (const bool train_now : {true, false}) one_pass(train_now, epochs);
      for (Callback* c : callbacks) c->after_epoch(*this);
    }
  }

 private:
  void one_pass(bool train_now, int epochs) {
    training = train_now;
    std::vector<Batch> batches = (training ? train : valid).batches();
    for (std::size_t i = 0; i < batches.size(); ++i) {
      if (training) pct_train = (epoch + double(i) / double(batches.size())) / epochs;
      batch = std::move(batches[i]);
      for (Callback* c : callbacks) c->before_batch(*this);
      one_batch();
      for (Callback* c : callbacks) c->after_batch(*this);
    }
  }
  void one_batch() {
    pred = model.forward(constant(std::move(batch.x)));
    loss = cross_entropy(pred, batch.y);
    if (!training) return;
    nothing::backward(loss);
    for (const Value& p : model.parameters()) {
      for (std::size_t i = 0; i < p->value.data.size(); ++i) p->value.data[i] -= float(lr) * p->grad.data[i];
      p->grad = {};
    }
  }
};
//! [learner]

//! [schedule]
// The rate rises over the first quarter of training and falls over the rest, in straight lines.
inline double ramp(double lr_max, double pct) {
  const double low = lr_max / 10;
  return pct < 0.25 ? low + (lr_max - low) * pct / 0.25 : low + (lr_max - low) * (1 - pct) / 0.75;
}
//! [schedule]

//! [callbacks]
struct Ramp : Callback {
  double lr_max;
  explicit Ramp(double lr_max) : lr_max(lr_max) {}
  void before_batch(Learner& learn) override { learn.lr = ramp(lr_max, learn.pct_train); }
};

struct Metrics : Callback {
  double loss[2] = {}, right = 0;
  int items[2] = {};
  struct Row {
    double train_loss, valid_loss, accuracy;
  };
  std::vector<Row> rows = {};  // one for each epoch

  void after_batch(Learner& learn) override {
    const int part = learn.training ? 0 : 1, n = learn.pred->value.rows;
    loss[part] += learn.loss->value(0, 0) * n;
    items[part] += n;
    for (int i = 0; i < n && !learn.training; ++i) {
      const float* row = learn.pred->value.row(i);
      right += std::max_element(row, row + 10) - row == learn.batch.y[std::size_t(i)];
    }
  }
  void after_epoch(Learner&) override {
    rows.push_back({loss[0] / items[0], loss[1] / items[1], right / items[1]});
    loss[0] = loss[1] = right = items[0] = items[1] = 0;
  }
};
//! [callbacks]

}  // namespace nothing
