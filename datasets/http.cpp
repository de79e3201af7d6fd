// SPDX-License-Identifier: MIT
// The patience: tries, pauses, and the memory of what a .part file is part of.
#include "datasets/http.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "datasets/files.h"
#include "datasets/transfer.h"

namespace datasets {
namespace {

constexpr int64_t kProgress = 1 << 20;

// Pauses that grow, but never beyond a minute, whatever the server asks for.
void pause(const Network& network, int failures, int asked, Watcher& watcher) {
  using Clock = std::chrono::steady_clock;
  const double seconds =
      std::min(60.0, std::max<double>(asked, network.back_off * (1 << std::min(failures - 1, 6))));
  const auto end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    watcher.check();
    std::this_thread::sleep_until(std::min(end, now + std::chrono::milliseconds(100)));
  }
}

// Without a network each try lasts as long as a connection may take: two will do.
int tries_of(const Network& network, const Transfer& transfer) {
  return transfer.unreachable ? std::min(2, network.tries) : network.tries;
}

// `part`.from says what `part` is part of: "address\nvalidator\n".
std::string address_of(const std::string& part) {
  if (!exists(part + ".from")) return "";
  const auto text = read_file(part + ".from");
  return text.substr(0, text.find('\n'));
}

std::string validator_of(const std::string& part, const std::string& url) {
  if (file_size(part) <= 0 || !exists(part + ".from")) return "";
  const auto text = read_file(part + ".from");
  const auto line = text.find('\n');
  if (line == text.npos || text.substr(0, line) != url) return "";
  const auto end = text.find('\n', line + 1);
  return end == text.npos ? "" : text.substr(line + 1, end - line - 1);
}

void forget(const std::string& part) {
  remove_all(part);
  remove_all(part + ".from");
}

}  // namespace

void download(const std::string& url, const std::string& part, int64_t expected, const Network& network,
              Watcher& watcher) {
  int64_t furthest = -1;  // byte that any try has come to: where parts are thrown away, others repeat them
  for (int failures = 0;;) {
    Transfer transfer{
        .url = url, .part = part, .expected = expected, .network = network, .watcher = &watcher};
    transfer.validator = validator_of(part, url);
    // Without a way to tell that it is still the same file, the parts might not fit together: the file is
    // asked for as a whole. What came from elsewhere stays until this address delivers.
    const int64_t before = transfer.validator.empty() ? 0 : std::max<int64_t>(0, file_size(part));
    if (expected >= 0 && before == expected) return;
    if (furthest < 0) furthest = before;
    run_transfer(transfer);
    const int64_t now = transfer.begun ? std::max<int64_t>(0, file_size(part)) : before;
    if (transfer.outcome == Outcome::kDone && expected >= 0 && now < expected) {
      transfer.outcome = Outcome::kTryAgain;
      transfer.reason =
          "the connection ended after " + std::to_string(now) + " of " + std::to_string(expected) + " bytes";
    }
    switch (transfer.outcome) {
      case Outcome::kDone: return;
      case Outcome::kWrongFile:
        if (transfer.begun) forget(part);  // else nothing of it was kept
        throw WrongFile("[data] " + url + ": " + transfer.reason);
      case Outcome::kGiveUp: throw NetworkError("[data] " + url + ": " + transfer.reason);
      case Outcome::kStartOver:
        if (!transfer.validator.empty()) forget(part);
        break;
      case Outcome::kTryAgain: break;
    }
    failures = now - furthest >= kProgress ? 1 : failures + 1;
    furthest = std::max(furthest, now);
    if (failures >= tries_of(network, transfer)) throw NetworkError("[data] " + url + ": " + transfer.reason);
    pause(network, failures, transfer.retry_after, watcher);
  }
}

std::vector<std::string> resumable_first(std::vector<std::string> places, const std::string& part) {
  const auto at = std::find(places.begin(), places.end(), address_of(part));
  if (at != places.end()) std::rotate(places.begin(), at, at + 1);
  return places;
}

std::string http_get(const std::string& url, int64_t max_bytes, const Network& network, Watcher& watcher) {
  for (int failures = 1;; ++failures) {
    Transfer transfer{.url = url, .expected = max_bytes, .network = network, .watcher = &watcher};
    run_transfer(transfer);
    if (transfer.outcome == Outcome::kDone) return transfer.memory;
    if (transfer.outcome != Outcome::kTryAgain || failures >= tries_of(network, transfer))
      throw NetworkError("[http] " + url + ": " + transfer.reason);
    pause(network, failures, transfer.retry_after, watcher);
  }
}

std::string url_encode(const std::string& text) {
  std::string coded;
  for (unsigned char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    coded += plain ? std::string(1, static_cast<char>(c)) : minitorch::format("%%%02X", c);
  }
  return coded;
}

}  // namespace datasets
