// SPDX-License-Identifier: MIT
#include "fastcore/basics/external.h"

#include <memory>

#include "datasets/words.h"
#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/progress.h"
#include "fastcore/basics/terminal.h"

namespace fastcore {

// fastprogress counts items; here an item is a byte, and the comment says it in MB.
struct DownloadBar::Bar {
  std::unique_ptr<ProgressBar> bar = nullptr;
  std::string what = "";
  bool display = true;
};

DownloadBar::DownloadBar(bool display) : bar_(new Bar{.display = display}) {}
DownloadBar::~DownloadBar() { delete bar_; }

void DownloadBar::note(const std::string& line) {
  bar_->bar.reset();
  datasets::Watcher::note(line);
}

void DownloadBar::progress(const std::string& what, int64_t done, int64_t total) {
  if (!bar_->bar || bar_->what != what) {
    bar_->bar = std::make_unique<ProgressBar>(
        BarOptions{.total = total, .initial = done, .display = bar_->display, .leave = false});
    bar_->what = what;
  }
  bar_->bar->set_comment(datasets::human_size(done));
  bar_->bar->update(done);
}

void DownloadBar::check() { stop_if_interrupted("the same command goes on from what is here"); }

Path untar_data(const Dataset& dataset, const UntarOptions& options) {
  DownloadBar bar;
  return datasets::fetch(dataset,
                         {.source = options.source, .force = options.force_download, .watcher = &bar});
}

Path untar_data(const Dataset& dataset) { return untar_data(dataset, UntarOptions{}); }
Path untar_data(const std::string& name_or_url) { return untar_data(datasets::named(name_or_url)); }

}  // namespace fastcore
