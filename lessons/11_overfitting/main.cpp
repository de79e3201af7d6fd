// SPDX-License-Identifier: MIT
// Lesson 11: overfitting, seen first and treated after.
#include "fastcore/basics/external.h"
#include "fastcore/data/image_tensors.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "lessons/11_overfitting/pictures.h"
#include "lessons/11_overfitting/polynomials.h"
#include "lessons/11_overfitting/treatments.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// --- polynomials ---------------------------------------------------------------------------------------

//! [points]
struct Sample {
  Doubles x, y;
};
static double truth(double x) { return std::sin(3 * x) + 0.5 * x; }

static Sample noisy_points(int64_t n) {
  const Tensor x = rand({n}) * 2 - 1, noise = randn({n}) * 0.25;
  Sample points{x.to_vector<double>(), noise.to_vector<double>()};
  for (int64_t i = 0; i < n; ++i) points.y[i] += truth(points.x[i]);
  return points;
}
//! [points]

static void polynomials(Lesson& lesson) {
  lesson.section("Polynomials of rising degree");
  std::vector<std::vector<std::string>> rows;
  //! [degrees]
  const Sample train = noisy_points(16), valid = noisy_points(200);
  const Doubles degrees{0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14};
  Doubles train_errors, valid_errors;
  for (const double degree : degrees) {
    const Doubles w = fit(train.x, train.y, int(degree));
    train_errors.push_back(mean_squared_error(w, train.x, train.y));
    valid_errors.push_back(mean_squared_error(w, valid.x, valid.y));
  }
  //! [degrees]
  for (std::size_t i = 0; i < degrees.size(); ++i)
    rows.push_back(
        {format("%.0f", degrees[i]), format("%.3f", train_errors[i]), format("%.3g", valid_errors[i])});
  lesson.table({"degree", "training error", "validation error"}, rows);
  Figure fits{.columns = 3};
  for (const int degree : {1, 3, 12})
    fits.plots.push_back(
        fit_plot(format("degree %d", degree), train.x, train.y, fit(train.x, train.y, degree), truth));
  lesson.figure("polynomials", fits,
                "Too stiff, about right, too free. Dashed: what the points were drawn from.");
  Plot errors("Errors by degree");
  errors.x_axis.label = "degree";
  errors.y_axis = {.label = "mean squared error", .log = true};
  errors.line(degrees, train_errors, {.label = "training"})
      .line(degrees, valid_errors, {.label = "validation"});
  lesson.figure("degrees", errors, "The training error only falls. The validation error turns.");

  lesson.section("The free polynomial on a leash");
  rows.clear();
  //! [decay]
  for (const double decay : {0., 1e-6, 1e-4, 1e-2, 1., 100.}) {
    const Doubles w = fit(train.x, train.y, 12, decay);
    rows.push_back({format("%g", decay), format("%.3f", mean_squared_error(w, train.x, train.y)),
                    format("%.3g", mean_squared_error(w, valid.x, valid.y))});
  }
  //! [decay]
  lesson.table({"decay", "training error", "validation error"}, rows);
}

// --- a net on few digits, and on many ------------------------------------------------------------------

struct Curves {
  Doubles train = {}, valid = {};
  double error = 0;  // share of validation digits that are wrong at the end
  nn::ModulePtr net = {};
};
struct Pace {
  int64_t steps, bs;
  double lr;
  uint64_t seed;
};

static std::pair<double, double> loss_and_error(nn::Module& net, const LabelledPictures& set) {
  NoGrad no_grad;
  net.eval();
  const Tensor out = net(set.x);
  net.train();
  return {cross_entropy(out, set.y).item(), 1 - (out.argmax(1) == set.y).to(kFloat32).mean().item()};
}

//! [train]
template <class Watch>
Curves train_net(const LabelledPictures& train, const LabelledPictures& valid, const Treatment& how,
                 const Pace& pace, Watch watch) {
  manual_seed(pace.seed);
  auto net = nn::Sequential{nn::Flatten(), nn::Linear(784, 256), nn::ReLU(), nn::Dropout(how.dropout),
                            nn::Linear(256, 10)};
  optim::Adam opt(net->parameters(), {.lr = pace.lr, .wd = how.decay});
  auto loader = tensor_loader(train.x, train.y, {.bs = pace.bs, .shuffle = true});
  Curves curves{.net = net};
  for (int64_t step = 0; step < pace.steps;) {
    for (Batch& batch : *loader) {
      if (step++ == pace.steps) break;
      cross_entropy(net(how.augment ? augmented(batch.x[0]) : batch.x[0]), batch.y[0]).backward();
      opt.step();
      opt.zero_grad();
      if (step % std::max<int64_t>(1, pace.steps / 15) == 0) {
        curves.train.push_back(loss_and_error(*net, train).first);
        curves.valid.push_back(loss_and_error(*net, valid).first);
        watch(step, curves);
      }
    }
  }
  curves.error = loss_and_error(*net, valid).second;
  return curves;
}
//! [train]

static void nets(Lesson& lesson) {
  lesson.section("A net on few digits");
  const Path path = lesson.data(urls::MNIST);
  //! [sets]
  const auto few = stack_class_folders(path / "training", {.end = 20}),
             many = stack_class_folders(path / "training", {.end = 600}),
             valid = stack_class_folders(path / "training", {.begin = 600, .end = 700}),
             test = stack_class_folders(path / "testing", {.end = 300});
  //! [sets]
  lesson.print("few: %d digits, many: %d, validation: %d, test: %d\n", int(few.y.numel()),
               int(many.y.numel()), int(valid.y.numel()), int(test.y.numel()));
  const Pace pace{lesson.epochs(900, 240), lesson.bs(50), lesson.lr(1e-3), uint64_t(lesson.options().seed)};
  const auto trained = [&](const LabelledPictures& train, const Treatment& how) {
    const std::string name = format("%s, %d digits", how.name, int(train.y.numel()));
    return train_net(train, valid, how, pace, [&](int64_t step, const Curves& so_far) {  // Ctrl-C ends here
      lesson.record(name, step, {{"train_loss", so_far.train.back()}, {"valid_loss", so_far.valid.back()}});
    });
  };
  const Treatment nothing{"nothing", 0, 0, false};
  const Curves plain = trained(few, nothing), plain_many = trained(many, nothing);
  lesson.figure("curves",
                Figure{{loss_plot("200 digits", plain.train, plain.valid),
                        loss_plot("6,000 digits", plain_many.train, plain_many.valid)}},
                "The sign to look for: the training loss goes on falling, the validation loss has turned.");
  const double lowest = *std::min_element(plain.valid.begin(), plain.valid.end());
  lesson.print("200 digits: validation loss %.2f at its lowest, %.2f at the end; training loss %.3f\n",
               lowest, plain.valid.back(), plain.train.back());

  lesson.section("Four treatments, where they are needed and where not");
  std::vector<std::vector<std::string>> rows;
  auto told = [&](const char* name, const Curves& on_few, const Curves& on_many) {
    rows.push_back({name, format("%.3f", on_few.error), format("%.3f", on_few.valid.back()),
                    format("%.3f", on_many.error), format("%.3f", on_many.valid.back())});
  };
  told(nothing.name, plain, plain_many);
  //! [compare]
  const std::vector<Treatment> treatments{{"weight decay 1", 1, 0, false},
                                          {"dropout 0.5", 0, 0.5, false},
                                          {"augmentation", 0, 0, true},
                                          {"all three", 1, 0.5, true}};
  Curves best = plain;
  std::string best_name = "nothing";
  for (const Treatment& how : treatments) {
    const Curves on_many = trained(many, how), on_few = trained(few, how);
    told(how.name, on_few, on_many);
    if (on_few.error <= best.error) best = on_few, best_name = how.name;
  }
  //! [compare]
  lesson.table({"treatment", "few: error", "loss", "many: error", "loss"}, rows);

  lesson.section("The test set, once");
  //! [test]
  const double error = loss_and_error(*best.net, test).second;
  lesson.print("best on few by validation: %s\nvalidation error %.3f, test error %.3f\n", best_name.c_str(),
               best.error, error);
  //! [test]
  lesson.metric("test error", error, "test set");
}

static void overfitting(Lesson& lesson) {
  polynomials(lesson);
  nets(lesson);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "11_overfitting", .title = "Lesson 11: overfitting"}, argc, argv, overfitting);
}
