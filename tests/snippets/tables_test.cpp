// SPDX-License-Identifier: MIT
// The course's snippets about tables, ratings and tensors, line by line in C++, on the bundled data.
#include <catch2/catch.hpp>
#include <cmath>

#include "fastcore/basics/external.h"
#include "fastcore/collab/collab.h"
#include "fastcore/learn/learn.h"
#include "fastcore/tabular/tabular.h"
#include "minitorch/core/random.h"
#include "minitorch/minitorch.h"

namespace fastcore {
namespace {

using namespace minitorch;

Path bundled(const datasets::Dataset& set) {
  setenv("COURSE_DATA", "test_data_home", 1);
  return untar_data(set, {.source = Source::kStandIn});
}

TEST_CASE("tables: who earns more") {
  const Path path = bundled(urls::ADULT_SAMPLE);
  set_seed(42);
  //! [tabular]
  auto dls = TabularDataLoaders::from_csv(
      path / "adult.csv",
      {.y_names = "salary",
       .cat_names = {"workclass", "education", "marital-status", "occupation", "relationship"},
       .cont_names = {"age", "fnlwgt", "education-num"},
       .procs = {Categorify{}, FillMissing{}, Normalize{}}});
  dls.show_batch();
  auto learn = tabular_learner(dls, {.metrics = accuracy});
  learn.fit_one_cycle(2);
  //! [tabular]
  CHECK(learn.recorder->latest("accuracy").value() > 0.82);
}

TEST_CASE("ratings: who likes which film") {
  const Path path = bundled(urls::ML_SAMPLE);
  set_seed(42);
  //! [collab]
  auto dls = CollabDataLoaders::from_csv(path / "ratings.csv");
  dls.show_batch();
  auto learn = collab_learner(dls, {.y_range = {0.5, 5.5}});
  learn.fine_tune(10);
  learn.show_results();
  //! [collab]
  CHECK(learn.recorder->latest("valid_loss").value() < 0.75);
}

TEST_CASE("tensors and gradient descent") {
  set_seed(42);
  //! [tensors]
  const int64_t n = 100;
  auto x = ones({n, 2});
  x(all, 0).uniform_(-1., 1);
  auto a = tensor({3., 2.});
  auto y = matmul(x, a) + minitorch::rand({n});

  auto mse = [](const Tensor& y_hat, const Tensor& y) { return mean(square(y_hat - y)); };

  a = tensor({-1., 1.}).requires_grad_();
  const double lr = 0.1;
  std::vector<double> losses;
  for (int t = 0; t < 100; ++t) {
    auto y_hat = matmul(x, a);
    auto loss = mse(y, y_hat);
    if (t % 10 == 0) losses.push_back(loss.item());
    loss.backward();
    NoGrad no_grad;
    a.sub_(a.grad() * lr);
    a.zero_grad();
  }
  //! [tensors]
  CHECK(losses.front() > 5);
  CHECK(losses.back() < 0.12);  // the noise is uniform: its variance is 1/12
  CHECK(a[1].item() == Approx(2.5).margin(0.1));
}

TEST_CASE("a quadratic, and a line that is cut off") {
  //! [quadratic]
  auto quad = [](double a, double b, double c, const Tensor& x) { return a * square(x) + b * x + c; };
  auto mk_quad = [quad](double a, double b, double c) {
    return [=](const Tensor& x) { return quad(a, b, c, x); };
  };
  auto rectified_linear = [](double m, double b, const Tensor& x) { return clamp(m * x + b, 0., INFINITY); };
  //! [quadratic]
  const Tensor x = tensor({-1., 0., 2.});
  CHECK(mk_quad(3, 2, 1)(x).to_vector<double>() == std::vector<double>{2, 1, 17});
  CHECK(rectified_linear(1, 0.5, x).to_vector<double>() == std::vector<double>{0, 0.5, 2.5});
}

TEST_CASE("what a DataLoaders is") {
  //! [loaders]
  struct Loaders {
    std::vector<std::shared_ptr<DataLoader>> loaders;
    DataLoader& operator[](int64_t i) const { return *loaders[static_cast<std::size_t>(i)]; }
    DataLoader& train() const { return (*this)[0]; }
    DataLoader& valid() const { return (*this)[1]; }
  };
  //! [loaders]
  const Loaders dls{{tensor_loader(ones({4, 2}), zeros({4}), {.bs = 2}),
                     tensor_loader(ones({2, 2}), zeros({2}), {.bs = 2})}};
  CHECK(dls.train().size() == 2);
  CHECK(dls.valid().size() == 1);
}

}  // namespace
}  // namespace fastcore
