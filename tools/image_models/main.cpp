// SPDX-License-Identifier: MIT
// Which image models are best? Measures the nets of the catalogue on this machine and draws what they cost
// against how right they are: a table, image_models.png, image_models.html and image_models.csv.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "fastcore/basics/helpers.h"
#include "fastcore/report/report.h"
#include "fastcore/report/usage.h"
#include "fastcore/vision/measure.h"
#include "minitorch/core/atomic_file.h"
#include "minitorch/core/memory.h"
#include "minitorch/core/parallel.h"

using namespace fastcore;

namespace {

struct Options {
  std::string pattern = "*", out = "out/image_models";
  int64_t size = 224, bs = 8;
  double seconds = 1;
  int threads = 0;
  bool all = false;
};

// Published top-1 accuracy on ImageNet's validation pictures, in percent: torchvision's from its
// documentation, the others from timm's table of results. "d" resnets and ConvNeXts were measured there at
// 288 px.
const std::map<std::string, double> kPublished{{"resnet18", 69.758},
                                               {"resnet34", 73.314},
                                               {"resnet50", 80.858},
                                               {"resnet101", 81.886},
                                               {"squeezenet1_0", 58.092},
                                               {"squeezenet1_1", 58.178},
                                               {"resnet18d", 73.794},
                                               {"resnet26d", 77.408},
                                               {"mobilenetv2_100", 72.976},
                                               {"convnext_atto", 77.008},
                                               {"convnext_femto", 78.716},
                                               {"convnext_pico", 80.414},
                                               {"convnext_nano", 82.862},
                                               {"convnext_tiny", 84.450},
                                               {"convnext_small", 85.330},
                                               {"convnext_base", 86.274},
                                               {"deit_tiny_patch16_224", 72.172},
                                               {"deit_small_patch16_224", 79.844},
                                               {"vit_tiny_patch16_224", 75.454},
                                               {"vit_small_patch16_224", 81.384},
                                               {"tf_efficientnet_lite0", 74.830}};

struct Row {
  std::string name;
  ModelCosts costs;
  double accuracy;  // 0: nobody published one
};

std::string family_of(const std::string& name) {
  for (const char* family : {"xresnet", "resnet", "squeezenet", "convnext", "vit", "deit"})
    if (name.starts_with(family)) return family;
  return "mobile";  // mobilenetv2, tf_efficientnet_lite0
}

// One plot: accuracy against a cost, a colour for each family.
Plot cost_plot(const std::vector<Row>& rows, const std::string& title, const std::string& unit,
               double (*cost)(const ModelCosts&)) {
  Plot plot(title);
  plot.x_axis.label = unit;
  plot.x_axis.log = true;
  plot.y_axis.label = "published accuracy on ImageNet, %";
  std::map<std::string, std::pair<Values, Values>> families;
  for (const Row& row : rows) {
    if (row.accuracy == 0) continue;
    auto& [x, y] = families[family_of(row.name)];
    x.push_back(cost(row.costs));
    y.push_back(row.accuracy);
    plot.note(cost(row.costs), row.accuracy, row.name.substr(0, row.name.find("_patch")));
  }
  for (const auto& [family, xy] : families) plot.scatter(xy.first, xy.second, {.label = family, .radius = 4});
  return plot;
}

Figure figure_of(const std::vector<Row>& rows) {
  return {{cost_plot(rows, "Speed of training", "pictures trained a second",
                     [](const ModelCosts& c) { return c.trains_per_second; }),
           cost_plot(rows, "Speed of prediction", "pictures predicted a second",
                     [](const ModelCosts& c) { return c.predicts_per_second; }),
           cost_plot(rows, "Memory of training", "MB for a batch",
                     [](const ModelCosts& c) { return c.train_bytes / 1e6; }),
           cost_plot(rows, "Operations", "million multiply-adds a picture",
                     [](const ModelCosts& c) { return c.multiply_adds / 1e6; }),
           cost_plot(rows, "Parameters", "million parameters",
                     [](const ModelCosts& c) { return static_cast<double>(c.parameters) / 1e6; })}};
}

const TextRow kHeader = {"model",     "accuracy %",  "million weights", "GMAC",
                         "trained/s", "predicted/s", "MB to train",     "MB to predict"};

TextRow cells(const Row& row) {
  using minitorch::format;
  const ModelCosts& c = row.costs;
  return {row.name,
          row.accuracy == 0 ? "-" : format("%.1f", row.accuracy),
          format("%.2f", static_cast<double>(c.parameters) / 1e6),
          format("%.3f", c.multiply_adds / 1e9),
          format("%.1f", c.trains_per_second),
          format("%.1f", c.predicts_per_second),
          format("%.0f", c.train_bytes / 1e6),
          format("%.0f", c.predict_bytes / 1e6)};
}

void print_line(const TextRow& line) {
  std::printf("%-24s", line[0].c_str());
  for (std::size_t i = 1; i < line.size(); ++i) std::printf(" %15s", line[i].c_str());
  std::printf("\n");
  std::fflush(stdout);
}

void write_all(const Options& o, const std::vector<Row>& rows) {
  const Path folder(o.out);
  const auto figure = figure_of(rows);
  figure.save((folder / "image_models.png").str());
  std::vector<TextRow> table;
  std::string csv =
      "model,accuracy,parameters,multiply_adds,trains_per_second,predicts_per_second,train_bytes,predict_"
      "bytes\n";
  for (const Row& row : rows) {
    table.push_back(cells(row));
    const ModelCosts& c = row.costs;
    csv += minitorch::format("%s,%g,%lld,%.0f,%.4g,%.4g,%.0f,%.0f\n", row.name.c_str(), row.accuracy,
                             static_cast<long long>(c.parameters), c.multiply_adds, c.trains_per_second,
                             c.predicts_per_second, c.train_bytes, c.predict_bytes);
  }
  write_text_file((folder / "image_models.csv").str(), csv);
  Report report("Which image models are best?");
  report.section("At a glance")
      .text(minitorch::format(
          "Measured here on %d threads: pictures of %lld px, batches of %lld. Up and to the "
          "right is better in the first two plots, up and to the left in the others.",
          minitorch::num_threads(), static_cast<long long>(o.size), static_cast<long long>(o.bs)))
      .figure(figure, "Accuracy against what it costs.")
      .section("Table")
      .table(kHeader, table)
      .text(
          "Accuracies are the published ones, of torchvision's and timm's weights; ConvNeXt and resnet18d "
          "and "
          "26d had 288 px then. xresnets have no published weights.");
  report.save((folder / "image_models.html").str());
  std::printf("%s/image_models.html\n", o.out.c_str());
}

// Why a model that matches the pattern is not measured; "" for one that is.
std::string left_out(const Architecture& a, const Options& o) {
  const auto has = [&](const char* part) { return a.name.find(part) != a.name.npos; };
  if (has("in22k")) return "the same net as without in22k, but for its classes";
  if ((has("base") || has("large")) && !o.all) return "large: measured with --all";
  if (a.cut == 0 && o.size != a.size)
    return minitorch::format("takes pictures of %lld px only: --size %lld", static_cast<long long>(a.size),
                             static_cast<long long>(a.size));
  return "";
}

int run(const Options& o) {
  if (o.threads > 0) minitorch::set_num_threads(o.threads);
  std::vector<std::string> names, others;  // to measure; that match, and why they are not measured
  for (const auto& name : list_models(o.pattern)) {
    const auto& a = find_architecture(name);
    if (const std::string why = left_out(a, o); !why.empty()) {
      others.push_back(name + ": " + why);
      continue;
    }
    names.push_back(name);
  }
  if (names.empty() && others.empty())
    throw minitorch::ValueError("[image_models] no model matches '" + o.pattern + "'", "--models 'resnet*'");
  if (names.empty())
    throw minitorch::ValueError("[image_models] every model that matches '" + o.pattern +
                                    "' is left out:\n  " + join(L<std::string>(others), "\n  "),
                                "change what is said there, or take other models: --models 'resnet*'");
  // All takes minutes: a folder that cannot be written to is told before, not after.
  Path(o.out).mkdir({.parents = true, .exist_ok = true});
  minitorch::AtomicFile((Path(o.out) / "image_models.html").str());
  std::vector<Row> rows;
  print_line(kHeader);
  for (const std::string& name : names) {
    const auto found = kPublished.find(name);
    rows.push_back(
        {name, measure_model(find_architecture(name), {.size = o.size, .bs = o.bs, .seconds = o.seconds}),
         found == kPublished.end() ? 0 : found->second});
    print_line(cells(rows.back()));
    minitorch::empty_cache(minitorch::Device::cpu());
  }
  for (const std::string& line : others) std::printf("left out: %s\n", line.c_str());
  write_all(o, rows);
  return 0;
}

// CLI::Range lets NaN through, which is neither below nor above.
std::string no_number(const std::string& text) {
  return std::isnan(std::strtod(text.c_str(), nullptr)) ? "Value " + text + " is not a number" : "";
}

}  // namespace

int main(int argc, char** argv) try {
  Options o;
  CLI::App app("Measures image models: speed, memory, operations, weights", "./course models");
  app.add_option("--models", o.pattern, "names to measure, with * and ?");
  app.add_option("--size", o.size, "pictures of so many pixels a side")->check(CLI::Range(32, 1024));
  app.add_option("--bs", o.bs, "pictures in a batch")->check(CLI::Range(2, 256));
  app.add_option("--seconds", o.seconds, "of each measurement")
      ->check(CLI::Range(0.0, 60.0))
      ->check(no_number);
  app.add_option("--threads", o.threads, "0: as many as there are cores")->check(CLI::Range(0, 256));
  app.add_option("--out", o.out, "folder for the table, the plots and the page");
  app.add_flag("--all", o.all, "the largest ConvNeXts too");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) { return refuse_usage(app, error, "./course models --help"); }
  return run(o);
} catch (const std::exception& error) { return minitorch::report_error(error); }
