// SPDX-License-Identifier: MIT
// One try of one transfer: what goes in, what came of it. Used by http.cpp only.
#pragma once
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "datasets/http.h"

namespace datasets {

enum class Outcome {
  kDone,
  kTryAgain,   ///< cut off, stalled, or the server is busy
  kStartOver,  ///< what we have does not fit what the server has
  kWrongFile,  ///< the server has something else
  kGiveUp,     ///< this address will not do
};

struct Transfer {
  std::string url;
  std::string part = "";  ///< the file to append to; "" to collect in memory
  int64_t expected = -1;  ///< bytes of the whole; in memory: the most that may come
  Network network = {};
  Watcher* watcher;            ///< never nullptr
  std::string validator = "";  ///< ETag or date of what is in `part`; "" to ask for the whole file

  Outcome outcome = Outcome::kGiveUp;
  std::string reason = "";   ///< why it is not done
  bool unreachable = false;  ///< nobody there to talk to
  std::string memory = "";
  int retry_after = 0;  ///< seconds the server asked us to wait

  // While it runs.
  FILE* file = nullptr;
  std::exception_ptr failure = nullptr;  ///< from the watcher or the disk: ends the transfer
  int64_t have = 0;                      ///< bytes of the whole on our side
  int64_t range_start = -1;              ///< from Content-Range
  std::string etag = "", date = "";
  bool begun = false;
};

/// Runs it and sets outcome and reason.
/// @throws what the watcher's check throws, and FileError when the file cannot be written
void run_transfer(Transfer& transfer);

}  // namespace datasets
