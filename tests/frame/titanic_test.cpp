// SPDX-License-Identifier: MIT
// The Titanic's passengers from a file to a model with nothing between but the table and the tensor: every
// loss that the course publishes comes out.
#include <catch2/catch.hpp>
#include <cmath>

#include "fastcore/frame/frame.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/minitorch.h"
#include "tests/bundled.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using minitorch::Tensor;
using Losses = std::vector<double>;

namespace {

const std::vector<std::string> indep_cols = {"Age",      "SibSp",      "Parch",      "LogFare",
                                             "Sex_male", "Sex_female", "Pclass_1",   "Pclass_2",
                                             "Pclass_3", "Embarked_C", "Embarked_Q", "Embarked_S"};

DataFrame passengers() {
  DataFrame df = read_csv(testing::bundled(urls::TITANIC) / "train.csv");
  const Record modes = df.mode().iloc(0);
  CHECK(modes.at("Age") == Cell(24.0));
  CHECK(modes.at("Cabin") == Cell("B96 B98"));
  CHECK(modes.at("Embarked") == Cell("S"));
  df.fillna(modes, {.inplace = true});
  df["LogFare"] = log(df["Fare"] + 1);
  return get_dummies(df, {"Sex", "Pclass", "Embarked"});
}

struct Data {
  Tensor trn_indep, val_indep, trn_dep, val_dep, t_indep, t_dep;

  Data() {
    const DataFrame df = passengers();
    t_dep = df["Survived"].tensor();
    t_indep = df[indep_cols].tensor();
    t_indep = t_indep / t_indep.max(0).values;
    minitorch::manual_seed(42);
    const Tensor order = minitorch::randperm(df.rows());
    const Tensor valid = order.slice(0, 0, 178), train = order.slice(0, 178, df.rows());
    trn_indep = t_indep.index_select(0, train);
    val_indep = t_indep.index_select(0, valid);
    trn_dep = t_dep.index_select(0, train);
    val_dep = t_dep.index_select(0, valid);
  }
};
const Data& data() {
  static const Data all;
  return all;
}

double rounded(double x) { return std::round(x * 1000) / 1000; }

// Trains from seed 442 and returns the losses as printed. predict(parameters, x); parameters change in place.
template <class Predict>
Losses train(std::vector<Tensor>& parameters, Predict predict, const Tensor& target, double lr, int epochs) {
  Losses losses;
  for (Tensor& p : parameters) p.requires_grad_();
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const Tensor loss = abs(predict(parameters, data().trn_indep) - target).mean();
    loss.backward();
    const minitorch::NoGrad no_grad;
    for (Tensor& p : parameters) {
      p.sub_(p.grad() * lr);
      p.grad().zero_();
    }
    losses.push_back(rounded(loss.item()));
  }
  return losses;
}

template <class Predict>
double accuracy_of(const std::vector<Tensor>& parameters, Predict predict) {
  const minitorch::NoGrad no_grad;
  const Tensor right =
      (data().val_dep.to(minitorch::kBool) == (predict(parameters, data().val_indep).reshape({-1}) > 0.5));
  return right.to(minitorch::kFloat32).mean().item();
}

Tensor init_coeffs() {
  minitorch::manual_seed(442);
  return minitorch::rand({12}) - 0.5;
}
Tensor column(const Tensor& x) { return x.reshape({x.numel(), 1}); }

}  // namespace

TEST_CASE("the linear model's first loss and gradient") {
  CHECK(data().trn_indep.shape() == minitorch::Shape{713, 12});
  CHECK(data().val_indep.shape() == minitorch::Shape{178, 12});
  const Tensor coeffs = init_coeffs().requires_grad_();
  CHECK_VALUES(coeffs, ({12}), 5e-5, -.4629, .1386, .2409, -.2262, -.2632, -.3147, .4876, .3136, .2799,
               -.4392, .2103, .3625);
  const auto calc_loss = [&] { return abs((data().t_indep * coeffs).sum({1}) - data().t_dep).mean(); };
  const Tensor loss = calc_loss();
  CHECK(loss.item() == Approx(.5382).margin(5e-5));
  loss.backward();
  CHECK_VALUES(coeffs.grad(), ({12}), 6e-5, -.0106, .0129, -.0041, -.0484, .2099, -.2132, -.1212, -.0247,
               .1425, -.1886, -.0191, .2043);
  calc_loss().backward();
  CHECK(coeffs.grad().to_vector<double>()[4] == Approx(2 * .2099).margin(1e-4));
  calc_loss().backward();
  {
    const minitorch::NoGrad no_grad;
    coeffs.sub_(coeffs.grad() * 0.1);
  }
  CHECK(calc_loss().item() == Approx(.4945).margin(5e-5));
}

TEST_CASE("the linear model: all eighteen losses") {
  const auto predict = [](const std::vector<Tensor>& p, const Tensor& x) { return (x * p[0]).sum({1}); };
  std::vector<Tensor> coeffs{init_coeffs()};
  CHECK(train(coeffs, predict, data().trn_dep, 0.2, 18) == Losses{.536, .502, .477, .454, .431, .409, .388,
                                                                  .367, .349, .336, .330, .326, .329, .304,
                                                                  .314, .296, .300, .289});
  CHECK(accuracy_of(coeffs, predict) == Approx(.7865).margin(5e-5));
  CHECK_VALUES(coeffs[0].detach(), ({12}), 6e-5, -.2694, .0901, .2359, .0280, -.3990, .2345, .7232, .4112,
               .3601, .0955, .2395, .2122);
}

TEST_CASE("with a sigmoid") {
  const auto predict = [](const std::vector<Tensor>& p, const Tensor& x) {
    return sigmoid((x * p[0]).sum({1}));
  };
  std::vector<Tensor> coeffs{init_coeffs()};
  const Losses losses = train(coeffs, predict, data().trn_dep, 100, 30);
  CHECK(Losses(losses.begin(), losses.begin() + 12) ==
        Losses{.510, .327, .294, .207, .201, .199, .198, .197, .196, .196, .196, .195});
  CHECK(losses.back() == .194);
  CHECK(accuracy_of(coeffs, predict) == Approx(.8258).margin(5e-5));
  CHECK_VALUES(coeffs[0].detach(), ({12}), 1e-4, -1.5061, -1.1575, -.4267, .2543, -10.3320, 8.4185, 3.8389,
               2.1398, -6.2331, 1.4771, 2.1168, -4.7958);
}

TEST_CASE("as a matrix product") {
  const auto predict = [](const std::vector<Tensor>& p, const Tensor& x) { return sigmoid(x.matmul(p[0])); };
  minitorch::manual_seed(442);
  std::vector<Tensor> coeffs{minitorch::rand({12, 1}) * 0.1};
  const Losses losses = train(coeffs, predict, column(data().trn_dep), 100, 30);
  CHECK(Losses(losses.begin(), losses.begin() + 9) ==
        Losses{.512, .323, .290, .205, .200, .198, .197, .197, .196});
  CHECK(losses.back() == .194);
  CHECK(accuracy_of(coeffs, predict) == Approx(.8258).margin(5e-5));
}

TEST_CASE("a neural net with one hidden layer") {
  const auto predict = [](const std::vector<Tensor>& p, const Tensor& x) {
    return sigmoid(relu(x.matmul(p[0])).matmul(p[1]) + p[2]);
  };
  const auto start = [] {
    minitorch::manual_seed(442);
    const Tensor layer1 = (minitorch::rand({12, 20}) - 0.5) / 20, layer2 = minitorch::rand({20, 1}) - 0.3;
    return std::vector<Tensor>{layer1, layer2, minitorch::rand({1})};
  };
  std::vector<Tensor> coeffs = start();
  const Losses slow = train(coeffs, predict, column(data().trn_dep), 1.4, 30);
  CHECK(Losses(slow.begin(), slow.begin() + 10) ==
        Losses{.543, .532, .520, .505, .487, .466, .439, .407, .373, .343});
  CHECK(slow.back() == Approx(.220).margin(.0011));
  coeffs = start();
  const Losses fast = train(coeffs, predict, column(data().trn_dep), 20, 30);
  CHECK(Losses(fast.begin(), fast.begin() + 9) ==
        Losses{.543, .400, .260, .390, .221, .211, .197, .195, .193});
  CHECK(fast.back() == .192);
  CHECK(accuracy_of(coeffs, predict) == Approx(.8258).margin(5e-5));
}

TEST_CASE("a deep net: 12-10-10-1") {
  const auto predict = [](const std::vector<Tensor>& p, const Tensor& x) {
    return sigmoid(relu(relu(x.matmul(p[0]) + p[3]).matmul(p[1]) + p[4]).matmul(p[2]) + p[5]);
  };
  minitorch::manual_seed(442);
  const int64_t sizes[] = {12, 10, 10, 1};
  std::vector<Tensor> coeffs;
  for (int i = 0; i < 3; ++i)
    coeffs.push_back((minitorch::rand({sizes[i], sizes[i + 1]}) - 0.3) / static_cast<double>(sizes[i + 1]) *
                     4);
  for (int i = 0; i < 3; ++i) coeffs.push_back((minitorch::rand({1}) - 0.5) * 0.1);
  const Losses losses = train(coeffs, predict, column(data().trn_dep), 4, 30);
  CHECK(Losses(losses.begin(), losses.begin() + 5) == Losses{.521, .483, .427, .379, .379});
  CHECK(Losses(losses.end() - 12, losses.end()) ==
        Losses{.371, .333, .239, .224, .208, .204, .203, .203, .207, .197, .196, .195});
  CHECK(accuracy_of(coeffs, predict) == Approx(.8258).margin(5e-5));
}

TEST_CASE("rules of one question, as published") {
  DataFrame df = read_csv(testing::bundled(urls::TITANIC) / "train.csv");
  df.fillna(df.mode().iloc(0), {.inplace = true});
  df["LogFare"] = log1p(df["Fare"]);
  df["Sex"] = df["Sex"].cat_codes();
  minitorch::numpy::seed(42);
  const auto order = minitorch::numpy::permutation(df.rows());
  const DataFrame val = df.iloc({order.begin(), order.begin() + 223}),
                  trn = df.iloc({order.begin() + 223, order.end()});
  const auto mae = [&](const Series& says) {
    return abs(val["Survived"] - says.astype(ColumnType::integer)).mean();
  };
  CHECK(mae(val["Sex"] == 0) == Approx(.2152).margin(5e-5));
  CHECK(mae(val["LogFare"] > 2.7) == Approx(.3363).margin(5e-5));

  const auto side_score = [](const Series& y) {
    return y.size() <= 1 ? 0.0 : y.std() * static_cast<double>(y.size());
  };
  const auto score = [&](const std::string& name, double split) {
    const Series low = trn[name] <= split, y = trn["Survived"];
    return (side_score(y[low]) + side_score(y[~low])) / static_cast<double>(trn.rows());
  };
  CHECK(score("Sex", 0.5) == Approx(.4079).margin(5e-5));
  CHECK(score("LogFare", 2.7) == Approx(.4718).margin(5e-5));
  const auto min_col = [&](const std::string& name) {
    std::pair<double, double> best{0, 1e9};
    for (const double x : trn[name].dropna().unique().numbers())
      if (const double s = score(name, x); s < best.second) best = {x, s};
    return best;
  };
  CHECK(min_col("Sex").second == Approx(.40788).margin(5e-6));
  CHECK(min_col("LogFare").first == Approx(2.4391).margin(5e-5));
  CHECK(min_col("LogFare").second == Approx(.4621).margin(5e-5));
  CHECK(min_col("Pclass").first == 2);
  CHECK(min_col("Age").first == 6);
  CHECK(min_col("Age").second == Approx(.4783).margin(5e-5));
}
