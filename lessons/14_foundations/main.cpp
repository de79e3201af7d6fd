// SPDX-License-Identifier: MIT
// Lesson 14: the library from nothing, and the same lines with minitorch and fastcore.
#include "fastcore/basics/external.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "lessons/14_foundations/bridge.h"
#include "lessons/14_foundations/from_nothing.h"
#include "lessons/14_foundations/race.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// --- a product of matrices, five times ---

//! [broadcasting]
// A column of a's row against all of b at once; the sum goes down the columns.
static Tensor matmul_broadcasting(const Tensor& a, const Tensor& b) {
  const Tensor c = zeros({a.size(0), b.size(1)});
  for (int64_t i = 0; i < a.size(0); ++i) c(i) = (a[i].unsqueeze(-1) * b).sum({0});
  return c;
}
//! [broadcasting]

static void multiply(Lesson& lesson) {
  lesson.section("A product of matrices, five times");
  const int64_t n = lesson.quick() ? 130 : 500;
  const Tensor a = randn({n, n}), b = randn({n, n});
  const nothing::Matrix ma = to_matrix(a), mb = to_matrix(b);
  Race race(matmul(a, b), 2 * std::pow(double(n), 3));
  race.run("loops", [&] { return to_tensor(nothing::matmul_loops(ma, mb)); });
  race.run("rows", [&] { return to_tensor(nothing::matmul_rows(ma, mb)); });
  race.run("broadcasting", [&] { return matmul_broadcasting(a, b); });
  race.run("tiles", [&] { return to_tensor(nothing::matmul_tiles(ma, mb)); });
  race.run("the library", [&] { return matmul(a, b); });
  lesson.table({format("%d x %d", int(n), int(n)), "result", "time", "speed", ""}, race.rows);
}

// --- fifty layers deep ---

static void initialise(Lesson& lesson) {
  lesson.section("Fifty layers deep");
  Plot plot("Size of the numbers after each layer");
  plot.x_axis.label = "layer";
  plot.y_axis.label = "log10 of their mean size";
  plot.y_axis.low = -50, plot.y_axis.high = 90;  // room for the legend
  const auto seed = static_cast<uint64_t>(lesson.options().seed);
  std::vector<std::vector<std::string>> rows;
  const auto told = [&](const char* name, double sigma, bool with_relu) {
    manual_seed(seed);  // the same numbers for every sigma
    //! [layers]
    Tensor x = randn({200, 100});
    std::vector<double> sizes;
    for (int layer = 0; layer < 50; ++layer) {
      x = matmul(x, randn({100, 100}) * sigma);
      if (with_relu) x = relu(x);
      sizes.push_back(abs(x).mean().item());
    }
    //! [layers]
    std::vector<double> held, logs;  // the layers whose size a float can hold, from 1; and that size
    for (std::size_t i = 0; i < sizes.size(); ++i)
      if (sizes[i] > 0 && std::isfinite(sizes[i]))
        held.push_back(double(i + 1)), logs.push_back(std::log10(sizes[i]));
    const auto shown = [&](int layer) {
      const double s = sizes[static_cast<std::size_t>(layer - 1)];
      return std::isnan(s) ? std::string("nan") : format("%.3g", s);
    };
    rows.push_back({name, shown(1), shown(10), shown(50), std::to_string(logs.size())});
    plot.line(held, logs, {.label = name});
  };
  told("sigma 1", 1, false);
  told("sigma 0.01", 0.01, false);
  told("sigma 0.1 = sqrt(1/100)", 0.1, false);
  told("sigma 0.1, ReLU", 0.1, true);
  told("sigma sqrt(2/100), ReLU", std::sqrt(2. / 100), true);
  lesson.table({"weights", "layer 1", "layer 10", "layer 50", "layers held"}, rows);
  lesson.figure("layers", plot, "Curves that end early have left what a float can hold.");
}

// --- forward and backward by hand, then without a hand ---

static void gradients(Lesson& lesson) {
  lesson.section("Gradients by hand, and by the graph");
  manual_seed(static_cast<uint64_t>(lesson.options().seed));
  const Tensor x = randn({200, 100}), y = randn({200, 1});
  const Tensor w1 = randn({100, 50}) * std::sqrt(2. / 100), w2 = randn({50, 1}) * std::sqrt(2. / 50);
  const Tensor b1 = zeros({1, 50}), b2 = zeros({1, 1});
  for (const Tensor& p : {w1, b1, w2, b2}) p.requires_grad_();
  mse_loss(matmul(relu(matmul(x, w1) + b1), w2) + b2, y).backward();  // the library

  const auto mx = to_matrix(x), my = to_matrix(y), mw1 = to_matrix(w1), mb1 = to_matrix(b1),
             mw2 = to_matrix(w2), mb2 = to_matrix(b2);
  std::vector<std::vector<std::string>> rows;
  const auto told = [&](const char* name, const nothing::Matrix& dw1, const nothing::Matrix& db1,
                        const nothing::Matrix& dw2, const nothing::Matrix& db2) {
    const double largest = std::max({difference(dw1, w1.grad()), difference(db1, b1.grad()),
                                     difference(dw2, w2.grad()), difference(db2, b2.grad())});
    rows.push_back({name, largest < 1e-5 ? "as the library" : format("differs by %g", largest)});
  };
  using nothing::Matrix, nothing::Value, nothing::mse;
  {
    //! [hand]
    const Matrix l1 = linear(mx, mw1, mb1), l2 = relu(l1), out = linear(l2, mw2, mb2);

    const Matrix d_out = mse_grad(out, my);
    const Matrix dw2 = linear_grad_w(l2, d_out), db2 = linear_grad_b(d_out);
    const Matrix d_l1 = relu_grad(l1, linear_grad_x(mw2, d_out));
    const Matrix dw1 = linear_grad_w(mx, d_l1), db1 = linear_grad_b(d_l1);
    //! [hand]
    told("by hand", dw1, db1, dw2, db2);
  }
  {
    //! [graph]
    const Value w1 = parameter(mw1), b1 = parameter(mb1), w2 = parameter(mw2), b2 = parameter(mb2);
    const Value loss = mse(linear(relu(linear(constant(mx), w1, b1)), w2, b2), my);
    backward(loss);
    //! [graph]
    told("by the graph", w1->grad, b1->grad, w2->grad, b2->grad);
  }
  lesson.table({"gradients", "all four"}, rows);
}

// --- ten digits, twice ---

static void train_twice(Lesson& lesson) {
  lesson.section("Ten digits, from nothing");
  const Digits digits = load_digits(lesson.data(urls::MNIST), lesson.quick() ? 5 : 1);
  const int64_t epochs = lesson.epochs(5, 3);
  const int bs = int(lesson.bs(64));
  const double lr = lesson.lr(0.2);
  const nothing::Dataset train_set = to_dataset(digits.train_x, digits.train_y),
                         valid_set = to_dataset(digits.valid_x, digits.valid_y);
  std::mt19937 random(static_cast<uint32_t>(lesson.options().seed));
  const auto first = std::make_shared<nothing::Linear>(784, 50, random),
             last = std::make_shared<nothing::Linear>(50, 10, random);
  const nothing::Matrix w1 = first->w->value, w2 = last->w->value;  // both nets start from these

  double start = processor_seconds();
  nothing::Metrics metrics;
  {
    //! [ours]
    using nothing::DataLoader, nothing::Learner, nothing::ReLU, nothing::Sequential;
    DataLoader train{train_set, bs}, valid{valid_set, bs};
    Sequential net({first, std::make_shared<ReLU>(), last});
    nothing::Ramp ramp(lr);
    Learner learn{train, valid, net, {&ramp, &metrics}};
    learn.fit(int(epochs));
    //! [ours]
  }
  const double took = processor_seconds() - start;
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : metrics.rows)
    rows.push_back({std::to_string(rows.size()), format("%.6f", row.train_loss),
                    format("%.6f", row.valid_loss), format("%.6f", row.accuracy)});
  lesson.table({"epoch", "train_loss", "valid_loss", "accuracy"}, rows);

  lesson.section("Ten digits, the same lines with the library");
  auto in = nn::Linear(784, 50), out = nn::Linear(50, 10);
  {
    const NoGrad no_grad;
    in->weight.copy_(to_tensor(w1).t()), out->weight.copy_(to_tensor(w2).t());
    in->bias.zero_(), out->bias.zero_();
  }
  start = processor_seconds();
  //! [theirs]
  struct Ramp : fastcore::Callback {
    double lr_max;
    explicit Ramp(double lr_max) : lr_max(lr_max) {}
    void before_batch(fastcore::Learner& learn) override {
      learn.set_hyper("lr", nothing::ramp(lr_max, learn.pct_train));
    }
  };
  DataLoaders dls({tensor_loader(digits.train_x, digits.train_y, {.bs = bs}),
                   tensor_loader(digits.valid_x, digits.valid_y, {.bs = bs})});
  auto net = nn::Sequential{in, nn::ReLU(), out};
  fastcore::Learner learn(dls, net, {.opt_func = SGD, .cbs = RunReport(lesson), .metrics = accuracy});
  learn.fit(epochs, {.lr = lr, .cbs = Ramp(lr)});
  //! [theirs]
  const double library_took = processor_seconds() - start;
  lesson.print("from nothing %.2f s, with the library %.2f s\n", took, library_took);
  lesson.metric("accuracy, from nothing", metrics.rows.back().accuracy);
  lesson.metric("accuracy, with the library", learn.recorder->latest("accuracy").value());
}

static void foundations_lesson(Lesson& lesson) {
  multiply(lesson);
  initialise(lesson);
  gradients(lesson);
  train_twice(lesson);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "14_foundations", .title = "Lesson 14: the library from nothing"}, argc, argv,
                    foundations_lesson);
}
