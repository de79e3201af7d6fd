// SPDX-License-Identifier: MIT
#include "fastcore/report/lesson.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <sstream>

#include "datasets/identity.h"
#include "fastcore/basics/columns.h"
#include "fastcore/basics/external.h"
#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/basics/training_error.h"
#include "fastcore/image/png.h"
#include "fastcore/report/json_line.h"
#include "fastcore/report/report.h"
#include "fastcore/report/run_files.h"
#include "minitorch/core/profile.h"

namespace fastcore {
using minitorch::format;
using minitorch::ValueError;

const std::string& Lesson::option(const std::string& name) const {
  for (const auto& [known, value] : options_.own)
    if (known == name) return value;
  throw ValueError("[Lesson::option] this lesson has no option --" + name, "list it in LessonInfo::options");
}

int64_t Lesson::epochs(int64_t full, int64_t quick) const {
  epochs_used_ = true;
  return options_.epochs.value_or(options_.quick ? quick : full);
}

int64_t Lesson::bs(int64_t standard) const {
  bs_used_ = true;
  return options_.bs.value_or(standard);
}

double Lesson::lr(double standard) const {
  lr_used_ = true;
  return options_.lr.value_or(standard);
}

Path Lesson::data(const datasets::Dataset& set) {
  if (main_data_.empty()) main_data_ = set.name;
  if (main_data_ != set.name) return side_data(set);  // a folder holds one data set
  return find_data(set, options_.data);
}

Path Lesson::side_data(const datasets::Dataset& set) {
  const std::string& wanted = options_.data;
  return find_data(set, wanted == "course" || wanted == "bundled" ? wanted : "");
}

Path Lesson::find_data(const datasets::Dataset& set, const std::string& wanted) {
  Path path;
  if (wanted == "course" || wanted == "bundled" || wanted.empty()) {
    path = untar_data(set, {.source = wanted == "course"    ? Source::kDownloadOnly
                                      : wanted == "bundled" ? Source::kStandIn
                                                            : Source::kCached});
    const bool stands_in = path.str().find("/bundled/") != std::string::npos;
    data_note_ =
        set.name + (stands_in ? ": the copy that comes with the course" : ": the course's own files");
    if (stands_in && !set.stand_in.empty()) data_note_ += " (" + set.stand_in + ")";
    if (stands_in && !set.url.empty()) data_note_ += "; --data course downloads the original";
  } else {
    path = wanted;
    if (!path.exists())
      throw minitorch::FileError("--data " + wanted + ": there is no such folder",
                                 "course, bundled, or a folder");
    data_note_ = path.str();
  }
  const bool known = std::any_of(data_sets_.begin(), data_sets_.end(),
                                 [&](const auto& one) { return one.first == set.name; });
  if (!known) data_sets_.emplace_back(set.name, datasets::identity(set, path.str(), datasets::Home("")));
  print("data: %s\n", data_note_.c_str());
  return path;
}

void Lesson::settle() {
  const auto end = pending_.find_last_not_of('\n');
  if (end != std::string::npos) report_->code(pending_.substr(0, end + 1));
  pending_.clear();
  if (curves_.empty()) return;
  Figure figure;
  for (const Curve& curve : curves_) {
    const std::string what = curve.name.ends_with("loss") ? "loss" : curve.name;  // losses share a plot
    const std::string title = curve.training == section_ ? what : curve.training + ": " + what;
    auto plot = std::find_if(figure.plots.begin(), figure.plots.end(),
                             [&](const Plot& known) { return known.title == title; });
    if (plot == figure.plots.end()) {
      plot = figure.plots.insert(plot, Plot(title));
      plot->x_axis = {.label = "step", .whole = true};
      plot->y_axis.label = what;
    }
    plot->line(curve.steps, curve.values, {.label = curve.name == what ? "" : curve.name});
  }
  report_->figure(figure, "");
  curves_.clear();
}

// A training by a Learner ends at Ctrl-C by itself; one written out ends in record, at the latest when the
// next part begins.
void Lesson::section(const std::string& name) {
  stop_if_interrupted();
  settle();
  say("\n" + name + "\n" + std::string(static_cast<std::size_t>(text_width(name)), '-') + "\n");
  report_->section(name);
  section_ = name;
}

void Lesson::say(const std::string& text) {
  if (options_.quiet || options_.json) return;
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void Lesson::print(const char* pattern, ...) {
  va_list arguments, again;
  va_start(arguments, pattern);
  va_copy(again, arguments);
  std::string text(static_cast<std::size_t>(std::vsnprintf(nullptr, 0, pattern, arguments)), '\0');
  std::vsnprintf(text.data(), text.size() + 1, pattern, again);
  va_end(again);
  va_end(arguments);
  pending_ += text;
  say(text);
}

void Lesson::table(const std::vector<std::string>& header,
                   const std::vector<std::vector<std::string>>& rows) {
  settle();
  report_->table(header, rows);
  std::vector<std::vector<std::string>> lines{header};
  lines.insert(lines.end(), rows.begin(), rows.end());
  say(aligned(lines));
}

std::string Lesson::training_name(const std::string& name) const {
  return format("training_%02d_", trainings_) + name;
}

// A quarter of figure()'s pixels: there are many of these, and the report holds them as drawings.
template <class Picture>
void Lesson::add_training_figure(const std::string& name, const Picture& picture,
                                 const std::string& caption) {
  picture.save((folder_ / (training_name(name) + ".png")).str(), {.scale = 1});
  settle();
  report_->figure(picture, caption);
}

void Lesson::announce_figure(const Path& file) { say("picture: " + file.str() + "\n"); }

template <class Picture>
Path Lesson::add_figure(const std::string& name, const Picture& picture, const std::string& caption) {
  const Path file = folder_ / (name + ".png");
  picture.save(file.str());
  settle();
  report_->figure(picture, caption);
  return file;
}

void Lesson::figure(const std::string& name, const Plot& plot, const std::string& caption) {
  announce_figure(add_figure(name, plot, caption));
}
void Lesson::figure(const std::string& name, const Figure& figure, const std::string& caption) {
  announce_figure(add_figure(name, figure, caption));
}
void Lesson::figure(const std::string& name, const ImageGrid& grid, const std::string& caption) {
  announce_figure(add_figure(name, grid, caption));
}
void Lesson::figure(const std::string& name, const Image& image, const std::string& caption) {
  announce_figure(add_figure(name, image, caption));
}

void Lesson::training_figure(const std::string& name, const Plot& plot, const std::string& caption) {
  add_training_figure(name, plot, caption);
}
void Lesson::training_figure(const std::string& name, const Figure& figure, const std::string& caption) {
  add_training_figure(name, figure, caption);
}
void Lesson::training_figure(const std::string& name, const ImageGrid& grid, const std::string& caption) {
  add_training_figure(name, grid, caption);
}

void Lesson::animation(const std::string& name, const std::vector<Frame>& frames,
                       const std::string& caption) {
  const Path file = folder_ / (name + ".png");
  const auto bytes = encode_apng(frames, 0);
  write_text_file(file.str(), {bytes.begin(), bytes.end()});
  settle();
  report_->animation(bytes, caption);
  announce_figure(file);
}

void Lesson::record(const std::string& training, int64_t step, const std::vector<Logged>& values) {
  stop_if_interrupted();
  std::vector<std::string> header{"step"}, cells{std::to_string(step)};
  for (const Logged& logged : values) {
    if (std::string(logged.name).ends_with("loss") && !std::isfinite(logged.value))
      throw TrainingError(
          format("[%s] the %s is no number any more at step %lld: it is %s", training.c_str(), logged.name,
                 static_cast<long long>(step), std::isnan(logged.value) ? "nan" : "inf"),
          lr_used_ ? "a smaller --lr" : "a smaller learning rate");
    header.push_back(logged.name);
    cells.push_back(repr_number(logged.value));
    auto curve = std::find_if(curves_.begin(), curves_.end(), [&](const Curve& c) {
      return c.training == training && c.name == logged.name;
    });
    if (curve == curves_.end()) curve = curves_.insert(curve, Curve{training, logged.name, {}, {}});
    curve->steps.push_back(static_cast<double>(step));
    curve->values.push_back(logged.value);
  }
  numbers_.add(training, header, cells);
}

void Lesson::log(int64_t step, const std::vector<Logged>& values) {
  record(section_, step, values);
  std::string line = "step=" + std::to_string(step), json = "{\"step\": " + std::to_string(step);
  for (const Logged& logged : values) {
    line += format("; %s=%.2f", logged.name, logged.value);
    json += ", " + json_text(logged.name) + ": " + json_number(logged.value);
  }
  print("%s\n", line.c_str());
  if (options_.json) std::printf("%s}\n", json.c_str());
}

void Lesson::metric(const std::string& name, double value, const std::string& measured_on) {
  for (const Outcome& known : metrics_)
    if (known.name == name)
      throw ValueError(
          "[Lesson::metric] there is a figure '" + name + "' already: " + repr_number(known.value),
          "give each of the two a name of its own");
  metrics_.push_back({name, value, measured_on});
}

void Lesson::note(const std::string& text) {
  settle();
  say(wrapped(text, 80) + "\n");
  report_->note(Tone::warning, text);
}

std::string Lesson::training_title(const std::string& name) const {
  return name.empty() ? format("training %d", trainings_) : name;
}

void Lesson::training_heading(const std::string& name) {
  settle();
  report_->heading(training_title(name));
}

void Lesson::training_table(const std::string& name, const std::vector<std::string>& header,
                            const std::vector<std::vector<std::string>>& rows,
                            const std::vector<std::vector<std::string>>& exact) {
  settle();
  report_->table(header, rows);
  const bool in_section = name.empty() && section_ != info_.title;
  const std::string title = training_title(name) + (in_section ? " (" + section_ + ")" : "");
  for (const auto& row : exact) {
    numbers_.add(title, header, row);
    if (!options_.json) continue;
    std::string line = "{";
    for (std::size_t c = 0; c < row.size(); ++c) {
      const bool number = row[c].find_first_of("0123456789") != std::string::npos;  // else None, nan or inf
      line += (c ? ", " : "") + json_text(header[c]) + ": " + (number ? row[c] : "null");
    }
    std::printf("%s}\n", line.c_str());
  }
}

}  // namespace fastcore
