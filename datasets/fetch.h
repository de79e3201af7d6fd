// SPDX-License-Identifier: MIT
// From a row of the table to a folder with its files. fastcore's untar_data is this with a progress bar.
#pragma once
#include <string>
#include <vector>

#include "datasets/home.h"
#include "datasets/http.h"
#include "datasets/table.h"

namespace datasets {

/// Where a data set may come from.
enum class Source {
  kDownload,      ///< the original; without a network what stands in for it, saying so in one line
  kDownloadOnly,  ///< the original or an error
  kCached,        ///< the original if it was downloaded before, else what stands in, else the original
  kStandIn,       ///< what is bundled or generated
};

struct FetchOptions {
  Source source = Source::kDownload;
  bool force = false;     ///< download and unpack anew; what is here stays until the new is whole
  std::string home = "";  ///< the data folder; "": COURSE_DATA, or ~/.minitorch_course
  Network network = {};
  Watcher* watcher = nullptr;  ///< notes and progress; nullptr: notes on standard error
};

/// @brief The folder of an unpacked data set, fetched if need be.
///
/// 1. The folder is there: returned at once. It appears by one rename, so it is whole.
/// 2. One process at a time works on a data set; others wait and then find it.
/// 3. The archive is here, or lies in the folder data of the working directory: no network is asked.
/// 4. It is downloaded (COURSE_MIRROR first, when set; then the table's addresses), compared with every check
///    that is known, unpacked beside its place, recorded, renamed into it. A kill at any moment leaves either
///    the old state or a .part file that the next call goes on with.
/// 5. No address delivers, or COURSE_OFFLINE is set: what stands in is unpacked under bundled/.
/// @throws NetworkError when nothing delivers and nothing stands in; its hint says how to go on by hand
/// @throws FileError for a hostile or damaged archive, a full disk
/// @throws ValueError when what is here under the name came from another address, for a set in no row
std::string fetch(const Dataset& dataset, const FetchOptions& options);
inline std::string fetch(const Dataset& dataset) { return fetch(dataset, FetchOptions{}); }

/// @brief Unpacks an archive fetched by hand, after the same checks as a download, and keeps a copy in
/// archive/.
///
/// Its file name, or its size and MD5, tell which data set it is; an unknown one gets a folder of the
/// archive's name, in which _ stands for # and ?. Another file than the one that was kept under its name is
/// refused until that is removed.
/// @returns the folder. @throws FileError when it is refused: nothing is left of it then
std::string add_archive(const std::string& file, const FetchOptions& options);

/// @brief What is wrong with what is here of a data set, a line each; empty: all is well.
/// The archive against the checks, every file against its record. @throws what the watcher's check throws
std::vector<std::string> verify(const Dataset& dataset, const Home& home, Watcher* watcher = nullptr);

/// Removes everything of a data set: folder, archive, stand-in, records. Waits while another process is at
/// work on it. @returns bytes freed. @throws what the watcher's check throws
int64_t remove(const Dataset& dataset, const Home& home, Watcher* watcher = nullptr);

}  // namespace datasets
