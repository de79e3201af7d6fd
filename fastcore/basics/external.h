// SPDX-License-Identifier: MIT
// untar_data: from a name in the course's table to a folder, as in the course.
//
//     auto path = untar_data(urls::MNIST_SAMPLE);
//     print(path.ls());
#pragma once
#include <string>

#include "datasets/fetch.h"
#include "fastcore/basics/path.h"

namespace fastcore {

namespace urls = datasets::urls;
using datasets::Dataset;
using datasets::Source;

struct UntarOptions {
  Source source = Source::kDownload;
  bool force_download = false;
};

/// @brief Downloads a data set, unless it is here, and unpacks it; with a progress bar. @returns its folder
///
/// Without a network it uses what is bundled or generated in its place, and says so in one line.
/// @throws datasets::NetworkError when nothing delivers and nothing stands in
/// @throws FileError for a damaged or hostile archive, or a full disk
/// @throws Interrupted after Ctrl-C, where that only sets a flag; what came stays for the next call
Path untar_data(const Dataset& dataset, const UntarOptions& options);
Path untar_data(const Dataset& dataset);
/// The same for a name in the table or an https address.
/// @throws ValueError for an unknown name; its hint names the nearest
Path untar_data(const std::string& name_or_url);

/// @brief Notes above a progress bar: what untar_data and `./course data` show. Ctrl-C ends the download.
class DownloadBar : public datasets::Watcher {
 public:
  explicit DownloadBar(bool display = true);
  ~DownloadBar() override;
  void note(const std::string& line) override;
  void progress(const std::string& what, int64_t done, int64_t total) override;
  /// @throws Interrupted
  void check() override;

 private:
  struct Bar;
  Bar* bar_;
};

}  // namespace fastcore
