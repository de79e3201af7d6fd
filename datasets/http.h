// SPDX-License-Identifier: MIT
// Downloads: resumed where they stopped, tried again with growing pauses, given up when they stall. libcurl
// does the talking and honours http_proxy, https_proxy and no_proxy.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "datasets/watcher.h"
#include "minitorch/core/errors.h"

namespace datasets {

/// The server could not be reached, or did not deliver: what a stand-in helps against.
class NetworkError : public minitorch::FileError {
 public:
  using minitorch::FileError::FileError;
};

/// The file came, but is not what was expected: a web page, another size, another checksum.
class WrongFile : public NetworkError {
 public:
  using NetworkError::NetworkError;
};

/// How patient a download is. Plain http is refused, also as the target of a redirect, unless it is allowed
/// here.
struct Network {
  int tries =
      5;  ///< without progress (1 MiB beyond all that came before counts anew); 2 where nobody answers
  double back_off = 1;       ///< seconds before the second try; doubled each time
  int connect_timeout = 15;  ///< seconds
  int stall_timeout = 30;    ///< seconds below 100 bytes a second; there is no limit for the whole
  bool allow_http = false;
  bool allow_http_redirects = false;
};

/// @brief Brings a file to `part`, going on from what is there when the server still has the same file.
///
/// `part`.from holds the address and the server's ETag or date, which tell whether it is the same.
/// What came from another address stays until this one delivers, and then makes room.
/// `expected` bytes, or -1; a longer or differently announced file is refused before it fills the disk.
/// @throws NetworkError when the server cannot be reached or gives up; what came stays for the next call
/// @throws FileError when the disk is full or fails; what came stays too
/// @throws WrongFile when it sends something else: a web page, another size; nothing of that stays
void download(const std::string& url, const std::string& part, int64_t expected, const Network& network,
              Watcher& watcher);

/// The addresses of a file, the one that `part` came from before the others.
std::vector<std::string> resumable_first(std::vector<std::string> places, const std::string& part);

/// @brief A small answer in memory: an API's JSON, a picture.
/// @throws NetworkError when there is none, or it is longer than max_bytes
std::string http_get(const std::string& url, int64_t max_bytes, const Network& network, Watcher& watcher);

/// "a b&c" → "a%20b%26c".
std::string url_encode(const std::string& text);

}  // namespace datasets
