// SPDX-License-Identifier: MIT
// Pictures from the web: searching Wikimedia Commons, and downloading a list of addresses.
//
//     auto dest = path / "bird";
//     download_images(dest, {.urls = search_images("bird photo")});
#pragma once
#include <string>

#include "datasets/http.h"
#include "fastcore/basics/path.h"

namespace fastcore {

struct SearchOptions {
  int64_t max_images = 200;
  int width = 640;  ///< pictures are asked for at about this width
  /// Where the search is sent; "": COURSE_IMAGE_SEARCH, else Wikimedia Commons.
  std::string endpoint = "";
  datasets::Network network = {.tries = 3};
};

/// @brief Addresses of photographs on Wikimedia Commons that match the words, best first.
///
/// All are free to use; each file's page on commons.wikimedia.org names its author and licence.
/// @throws datasets::NetworkError when it cannot be asked (COURSE_OFFLINE forbids it); the hint says how to
/// go on
L<std::string> search_images(const std::string& words, const SearchOptions& options);
L<std::string> search_images(const std::string& words);

struct DownloadOptions {
  L<std::string> urls = {};
  Path url_file = "";       ///< instead of urls: a text file with one address a line
  int64_t max_pics = 1000;  ///< of the file's lines
  int n_workers = 8;
  int timeout = 4;  ///< seconds without data after which a picture is given up
  /// Keep the name in the address: numbered when it is taken, 00000007.jpg when the file system refuses it.
  bool preserve_filename = false;
  bool progress = true;
  int64_t max_bytes = 50'000'000;  ///< a longer picture is given up
  bool allow_http = false;
};

/// @brief Downloads pictures into a folder, which is made; several at a time.
///
/// Names are 00000000.jpg, 00000001.png, ... with the address's own suffix, or .jpg; they go on from the
/// highest number in the folder, so that no picture takes another's place.
/// An address that fails, or that answers with a web page or another text in angle brackets, is left out.
/// @returns the files, in the order of their addresses
/// @throws FileError when the folder or the list cannot be used
/// @throws datasets::NetworkError when COURSE_OFFLINE is set, Interrupted after Ctrl-C
L<Path> download_images(const Path& dest, const DownloadOptions& options);

struct DownloadUrlOptions {
  int timeout = 30;  ///< seconds without data after which the server is given up
  bool show_progress = true;
  bool allow_http = false;
};

/// @brief Downloads one file to `dest`, or into it when that is a folder. It appears when it is whole; what
/// came of a download that stops lies beside it as .part, and the next call goes on from there.
/// @returns the file
/// @throws datasets::NetworkError when it does not come, or is a web page; or COURSE_OFFLINE is set
/// @throws FileError when it cannot be written, Interrupted after Ctrl-C
Path download_url(const std::string& url, const Path& dest, const DownloadUrlOptions& options);
Path download_url(const std::string& url, const Path& dest);

}  // namespace fastcore
