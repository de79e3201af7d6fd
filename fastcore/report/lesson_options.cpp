// SPDX-License-Identifier: MIT
// The command line of a lesson.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "fastcore/report/lesson.h"
#include "fastcore/report/usage.h"

namespace fastcore {
namespace {

// CLI11 takes "nan" for a positive number; a rate has to be a number that one can step by.
CLI::Validator positive_number() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        char* end = nullptr;
        const double value = std::strtod(text.c_str(), &end);
        if (end != text.c_str() + text.size() || !std::isfinite(value) || value <= 0)
          return "needs a finite number above 0, not '" + text + "'";
        return "";
      },
      "NUMBER");
}

struct Parser {
  CLI::App app;
  LessonOptions options;
  std::string device = "cpu";
  int64_t epochs = 0, bs = 0;
  double lr = 0;
  std::vector<std::string> own;

  explicit Parser(const LessonInfo& info);
  void finish(const LessonInfo& info);
};

Parser::Parser(const LessonInfo& info) : app(info.title, "./course lesson " + info.name) {
  app.get_formatter()->column_width(20);
  app.option_defaults()->always_capture_default(false);
  app.add_option("--device", device, "cpu (default), sim, cuda or cuda:N")
      ->check(CLI::Validator(
          [](std::string& text) -> std::string {
            const bool known = text == "cpu" || text == "sim" || text.rfind("cuda", 0) == 0;
            return known ? "" : "is one of cpu, sim, cuda; not '" + text + "'";
          },
          "DEVICE"))
      ->option_text("WHICH");
  app.add_option("--threads", options.threads, "threads on the CPU (default: all cores)")
      ->check(CLI::Range(1, 1024))
      ->option_text("N");
  app.add_option("--seed", options.seed, "seed of every random number (default 42)")
      ->check(CLI::Range(int64_t{0}, int64_t{4294967295}))
      ->option_text("N");
  app.add_option("--epochs", epochs, "how often to go through the data")
      ->check(CLI::Range(1, 1'000'000))
      ->option_text("N");
  app.add_option("--bs", bs, "items in a batch")->check(CLI::Range(1, 1'000'000))->option_text("N");
  app.add_option("--lr", lr, "the (largest) learning rate")->check(positive_number())->option_text("RATE");
  app.add_flag("--quick", options.quick, "a short run: same code, less training");
  app.add_option("--data", options.data, "course (download), bundled, or a folder of your own")
      ->option_text("WHICH");
  app.add_option("--out", options.out, "folder for report and pictures (default out/LESSON/TIME)")
      ->option_text("FOLDER");
  app.add_flag("--force", options.force, "write into --out even if it holds something else");
  app.add_option("--resume", options.resume, "go on with a run that was interrupted, in its folder")
      ->check(CLI::ExistingDirectory)
      ->excludes("--out")
      ->option_text("FOLDER");
  app.add_flag("--profile", options.profile, "print time and memory by operation at the end");
  app.add_flag("--json", options.json, "one JSON object a line instead of text");
  app.add_flag("--quiet", options.quiet, "print nothing but errors");
  app.set_version_flag("--version", "course 0.1.0", "print the version");
  app.footer("./course lesson " + info.name +
             " --watch runs it anew on every save, its report in the browser.");
  own.resize(info.options.size());
  for (std::size_t i = 0; i < own.size(); ++i) {
    own[i] = info.options[i].standard;
    app.add_option("--" + info.options[i].name, own[i], info.options[i].help)->option_text("TEXT");
  }
}

void Parser::finish(const LessonInfo& info) {
  if (app.count("--epochs")) options.epochs = epochs;
  if (app.count("--bs")) options.bs = bs;
  if (app.count("--lr")) options.lr = lr;
  options.device = minitorch::Device::parse(device);
  for (std::size_t i = 0; i < own.size(); ++i) options.own.emplace_back(info.options[i].name, own[i]);
}

}  // namespace

std::optional<LessonOptions> parse_lesson_options(const LessonInfo& info, int argc, const char* const* argv,
                                                  int& code) {
  Parser parser(info);
  code = 0;
  try {
    parser.app.parse(argc, argv);
    parser.finish(info);
    return parser.options;
  } catch (const CLI::ParseError& error) {
    code = refuse_usage(parser.app, error, "--help lists the options");
  } catch (const minitorch::Error& error) { code = minitorch::report_error(error); }
  return std::nullopt;
}

}  // namespace fastcore
