// SPDX-License-Identifier: MIT
#include "fastcore/report/lesson.h"

#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <sstream>

#include "fastcore/basics/external.h"
#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/image/png.h"
#include "fastcore/report/json_line.h"
#include "fastcore/report/report.h"
#include "fastcore/report/run_files.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/core/parallel.h"
#include "minitorch/core/profile.h"
#include "minitorch/core/python_random.h"
#include "minitorch/core/random.h"

namespace fastcore {
using minitorch::format;
using minitorch::ValueError;

namespace {

double seconds_now() { return Terminal::current().now(); }

// "2026-03-14_15-09-26", in local time.
std::string time_stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d_%H-%M-%S", &parts);
  return text;
}

// A folder of our own: new, empty, or one that a run has written before.
Path make_run_folder(const LessonInfo& info, const LessonOptions& options) {
  Path folder = options.out;
  if (options.out.empty()) {
    const char* root = std::getenv("COURSE_OUT");
    const Path base = Path(root && *root ? root : "out") / info.name;
    const std::string stamp = time_stamp();
    folder = base / stamp;
    for (int again = 2; folder.exists(); ++again) folder = base / (stamp + "-" + std::to_string(again));
  } else if (folder.exists() && !options.force && !(folder / "run.json").exists() && !folder.ls().empty()) {
    throw ValueError("--out " + folder.str() + " holds files that no lesson has written",
                     "another folder, or --force to write among them");
  }
  folder.mkdir({.parents = true, .exist_ok = true});
  return folder;
}

// The text in lines of at most 80 columns, broken at spaces.
std::string wrapped(const std::string& text) {
  std::string out, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && text_width(line) + 1 + text_width(word) > 80) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + line;
}

}  // namespace

Lesson::Lesson(LessonInfo info, LessonOptions options)
    : info_(std::move(info)),
      options_(std::move(options)),
      folder_(make_run_folder(info_, options_)),
      report_(std::make_unique<Report>(info_.title)),
      start_(seconds_now()) {
  if (options_.profile)
    profile_ = std::make_unique<minitorch::Profile>(minitorch::ProfileOptions{.trace = "", .print = false});
  write_text_file((folder_ / "run.json").str(), "{\n  \"status\": \"running\"\n}\n");
}

Lesson::~Lesson() = default;

const std::string& Lesson::option(const std::string& name) const {
  for (const auto& [known, value] : options_.own)
    if (known == name) return value;
  throw ValueError("[Lesson::option] this lesson has no option --" + name, "list it in LessonInfo::options");
}

int64_t Lesson::epochs(int64_t full, int64_t quick) const {
  return options_.epochs.value_or(options_.quick ? quick : full);
}

Path Lesson::data(const datasets::Dataset& set) {
  const std::string& wanted = options_.data;
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
  print("data: %s\n", data_note_.c_str());
  return path;
}

void Lesson::settle() {
  const auto end = pending_.find_last_not_of('\n');
  if (end != std::string::npos) report_->code(pending_.substr(0, end + 1));
  pending_.clear();
  for (const auto& [name, values] : curves_) {
    Plot plot(name);
    plot.x_axis.label = "step";
    plot.y_axis.label = name;
    report_->figure(plot.curve(values), "");
  }
  curves_.clear();
}

void Lesson::section(const std::string& name) {
  settle();
  say("\n" + name + "\n" + std::string(static_cast<std::size_t>(text_width(name)), '-') + "\n");
  report_->section(name);
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
  std::vector<int> widths;
  for (std::size_t c = 0; c < header.size(); ++c) {
    int width = text_width(header[c]);
    for (const auto& row : rows) width = std::max(width, text_width(row.at(c)));
    widths.push_back(width);
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c)
      text += cells[c] + std::string(static_cast<std::size_t>(widths[c] + 2 - text_width(cells[c])), ' ');
    say(text.substr(0, text.find_last_not_of(' ') + 1) + "\n");
  };
  line(header);
  for (const auto& row : rows) line(row);
}

void Lesson::announce_figure(const Path& file) { say("picture: " + file.str() + "\n"); }

void Lesson::figure(const std::string& name, const Plot& plot, const std::string& caption) {
  const Path file = folder_ / (name + ".png");
  plot.save(file.str());
  settle();
  report_->figure(plot, caption);
  announce_figure(file);
}

void Lesson::figure(const std::string& name, const Figure& figure, const std::string& caption) {
  const Path file = folder_ / (name + ".png");
  figure.save(file.str());
  settle();
  report_->figure(figure, caption);
  announce_figure(file);
}

void Lesson::figure(const std::string& name, const ImageGrid& grid, const std::string& caption) {
  const Path file = folder_ / (name + ".png");
  grid.save(file.str());
  settle();
  report_->figure(grid, caption);
  announce_figure(file);
}

void Lesson::figure(const std::string& name, const Image& image, const std::string& caption) {
  const Path file = folder_ / (name + ".png");
  image.save(file.str());
  settle();
  report_->figure(image, caption);
  announce_figure(file);
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

void Lesson::log(int64_t step, const std::vector<Logged>& values) {
  std::string line = "step=" + std::to_string(step), json = "{\"step\": " + std::to_string(step);
  std::vector<std::string> header{"step"}, cells{std::to_string(step)};
  for (const Logged& logged : values) {
    line += format("; %s=%.2f", logged.name, logged.value);
    json += ", " + json_text(logged.name) + ": " + json_number(logged.value);
    header.push_back(logged.name);
    cells.push_back(repr_number(logged.value));
    auto curve =
        std::find_if(curves_.begin(), curves_.end(), [&](auto& c) { return c.first == logged.name; });
    if (curve == curves_.end()) curve = curves_.insert(curve, {logged.name, {}});
    curve->second.push_back(logged.value);
  }
  print("%s\n", line.c_str());
  if (options_.json) std::printf("%s}\n", json.c_str());
  metrics_row(header, cells);
}

void Lesson::metric(const std::string& name, double value) { metrics_.emplace_back(name, value); }

void Lesson::metrics_row(const std::vector<std::string>& header, const std::vector<std::string>& cells) {
  if (header_.empty()) header_ = header;
  if (header == header_) rows_.push_back(cells);
}

void Lesson::note(const std::string& text) {
  settle();
  say(wrapped(text) + "\n");
  report_->note(Tone::warning, text);
}

void Lesson::training_table(const std::vector<std::string>& header,
                            const std::vector<std::vector<std::string>>& rows) {
  settle();
  report_->table(header, rows);
  for (const auto& row : rows) {
    metrics_row(header, row);
    if (!options_.json) continue;
    std::string line = "{";
    for (std::size_t c = 0; c < row.size(); ++c)
      line += (c ? ", " : "") + json_text(header[c]) + ": " + (row[c] == "None" ? "null" : row[c]);
    std::printf("%s}\n", line.c_str());
  }
}

int run_lesson(const LessonInfo& info, int argc, char** argv, void (*body)(Lesson&)) {
  int code = 0;
  const auto options = parse_lesson_options(info, argc, argv, code);
  if (!options) return code;
  std::unique_ptr<Lesson> lesson;
  try {
    if (options->threads > 0) minitorch::set_num_threads(options->threads);
    minitorch::manual_seed(static_cast<uint64_t>(options->seed));
    minitorch::numpy::seed(static_cast<uint32_t>(options->seed));
    minitorch::python::seed(static_cast<uint64_t>(options->seed));
    set_quiet(options->quiet || options->json, options->quiet || options->json);
    lesson = std::make_unique<Lesson>(info, *options);
    catch_interrupts();
    body(*lesson);
    if (interrupted()) throw Interrupted();
    lesson->finish("done", "");
    return 0;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    code = minitorch::report_error(error);
    try {
      if (lesson) lesson->finish(code == 130 ? "interrupted" : "failed", error.what());
    } catch (const std::exception& second) { minitorch::report_error(second); }
    return code;
  }
}

}  // namespace fastcore
