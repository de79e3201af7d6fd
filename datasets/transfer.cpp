// SPDX-License-Identifier: MIT
// libcurl and its callbacks.
#include "datasets/transfer.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "datasets/files.h"
#include "datasets/words.h"

namespace datasets {
namespace {

// The bytes to go on from.
int64_t bytes_before(const Transfer& t) {
  return t.part.empty() || t.validator.empty() ? 0 : std::max<int64_t>(0, file_size(t.part));
}

struct State {
  Transfer& t;
  CURL* curl;
};

bool refuse(Transfer& t, Outcome outcome, const std::string& reason) {
  t.outcome = outcome;
  t.reason = reason;
  return false;
}

// One header line. A new status line (after a redirect or a proxy's answer) forgets the old headers.
std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& t = static_cast<State*>(context)->t;
  const std::string line(data, size);
  const auto colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    t.range_start = -1;
    t.etag = t.date = "";
  }
  if (colon == line.npos) return size;
  const auto name = lower_case(line.substr(0, colon));
  const auto first = line.find_first_not_of(" \t", colon + 1);
  const auto value =
      first == line.npos ? "" : line.substr(first, line.find_last_not_of(" \t\r\n") - first + 1);
  if (name == "etag" && !value.starts_with("W/")) t.etag = value;  // a weak one allows other bytes
  if (name == "last-modified") t.date = value;
  if (name == "retry-after") t.retry_after = std::atoi(value.c_str());
  if (name == "content-range" && value.starts_with("bytes ")) t.range_start = std::atoll(value.c_str() + 6);
  return size;
}

// Decides, from the headers and the first bytes, whether this is the file; then opens the part file for it.
bool begin(State& s, const char* data, std::size_t size) {
  auto& t = s.t;
  long status = 0;
  curl_off_t length = -1;
  curl_easy_getinfo(s.curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(s.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  const int64_t before = bytes_before(t);
  t.have = status == 206 ? before : 0;
  if (status == 206 && t.range_start != before)
    return refuse(t, Outcome::kStartOver, "the server went on at another byte than asked");
  if (t.have == 0) {
    const std::string start = lower_case(std::string(data, std::min<std::size_t>(size, 512)));
    const auto text = start.substr(std::min(start.size(), start.find_first_not_of(" \t\r\n\xef\xbb\xbf")));
    if (text.starts_with("<!") || text.starts_with("<html") || text.starts_with("<head") ||
        text.starts_with("<?xml"))
      return refuse(t, Outcome::kWrongFile, "the server returned a web page instead of the file");
  }
  if (t.expected >= 0 && length >= 0 && t.have + length != t.expected)
    return refuse(
        t, Outcome::kWrongFile,
        minitorch::format("the server announces %lld bytes: expected %lld",
                          static_cast<long long>(t.have + length), static_cast<long long>(t.expected)));
  if (const int64_t room = free_bytes(t.part.substr(0, t.part.rfind('/') + 1) + "."); length > room)
    throw minitorch::FileError("[data] " + t.url + ": the server announces " + human_size(length) + ", and " +
                                   human_size(room) + " are free beside " + t.part,
                               "make room, or put the data elsewhere: export COURSE_DATA=/a/bigger/disk");
  t.file = std::fopen(t.part.c_str(), t.have ? "ab" : "wb");
  if (!t.file) throw_unwritable(t.part, errno);
  const auto validator = t.etag.empty() ? t.date : t.etag;
  if (!t.have) write_file(t.part + ".from", t.url + "\n" + validator + "\n");
  return true;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& s = *static_cast<State*>(context);
  auto& t = s.t;
  if (t.part.empty()) {
    if (static_cast<int64_t>(t.memory.size() + size) > t.expected)
      return refuse(t, Outcome::kGiveUp, "the answer is longer than " + human_size(t.expected)), 0;
    t.memory.append(data, size);
    return size;
  }
  try {
    if (!t.begun && !(t.begun = begin(s, data, size))) return 0;
    if (t.expected >= 0 && t.have + static_cast<int64_t>(size) > t.expected)
      return refuse(t, Outcome::kWrongFile,
                    "the server sends more than the expected " + std::to_string(t.expected) + " bytes"),
             0;
    if (std::fwrite(data, 1, size, t.file) != size) throw_unwritable(t.part, errno);
  } catch (...) {  // libcurl is C: nothing may be thrown through it
    t.failure = std::current_exception();
    return 0;
  }
  t.have += static_cast<int64_t>(size);
  return size;
}

int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& t = static_cast<State*>(context)->t;
  try {
    t.watcher->check();
    if (t.begun) t.watcher->progress(t.part, t.have, t.expected);
  } catch (...) { t.failure = std::current_exception(); }
  return t.failure ? 1 : 0;
}

// What came is on the disk when this returns, or the transfer has failed.
void close_part(Transfer& t) {
  const bool flushed = std::fflush(t.file) == 0 && fdatasync(fileno(t.file)) == 0;
  const int error = errno;
  const bool closed = std::fclose(t.file) == 0;
  t.file = nullptr;
  if (!t.failure && (!flushed || !closed)) throw_unwritable(t.part, flushed ? errno : error);
}

void set_options(State& s, const char* error_text) {
  auto* curl = s.curl;
  auto& t = s.t;
  const auto set = [curl](auto option, auto value) { curl_easy_setopt(curl, option, value); };
  set(CURLOPT_URL, t.url.c_str());
  set(CURLOPT_ERRORBUFFER, error_text);
  set(CURLOPT_USERAGENT, "minitorch-course/0.1 (educational; libcurl)");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 10L);
  set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(t.network.connect_timeout));
  set(CURLOPT_LOW_SPEED_LIMIT, 100L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(t.network.stall_timeout));
#if LIBCURL_VERSION_NUM >= 0x075500
  set(CURLOPT_PROTOCOLS_STR, t.network.allow_http ? "http,https" : "https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, t.network.allow_http_redirects ? "http,https" : "https");
#else
  set(CURLOPT_PROTOCOLS, t.network.allow_http ? CURLPROTO_HTTP | CURLPROTO_HTTPS : CURLPROTO_HTTPS);
  set(CURLOPT_REDIR_PROTOCOLS,
      t.network.allow_http_redirects ? CURLPROTO_HTTP | CURLPROTO_HTTPS : CURLPROTO_HTTPS);
#endif
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, &s);
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, &s);
  set(CURLOPT_XFERINFOFUNCTION, on_progress);
  set(CURLOPT_XFERINFODATA, &s);
  set(CURLOPT_NOPROGRESS, 0L);
}

// What libcurl's result means for us.
void judge(State& s, CURLcode code, const std::string& detail) {
  auto& t = s.t;
  long status = 0;
  curl_off_t connected_after = 0;
  curl_easy_getinfo(s.curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(s.curl, CURLINFO_CONNECT_TIME_T, &connected_after);
  t.unreachable = code != CURLE_OK && connected_after == 0;
  t.outcome = Outcome::kTryAgain;
  t.reason = detail.empty() ? curl_easy_strerror(code) : detail;
  switch (code) {
    case CURLE_OK: t.outcome = Outcome::kDone; break;
    case CURLE_HTTP_RETURNED_ERROR:
      t.reason = "the server answered " + std::to_string(status);
      if (status == 416) t.outcome = Outcome::kStartOver;
      else if (status < 500 && status != 408 && status != 429) t.outcome = Outcome::kGiveUp;
      break;
    case CURLE_OPERATION_TIMEDOUT:
      if (t.have > 0 || t.begun)
        t.reason = "no data came for " + std::to_string(t.network.stall_timeout) + " seconds";
      break;
    case CURLE_UNSUPPORTED_PROTOCOL:
      t.reason = "only https is allowed (" + t.reason + ")";
      t.outcome = Outcome::kGiveUp;
      break;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION: t.outcome = Outcome::kGiveUp; break;
    default: break;
  }
}

}  // namespace

void run_transfer(Transfer& t) {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  std::unique_ptr<CURL, void (*)(CURL*)> curl(ready ? curl_easy_init() : nullptr, curl_easy_cleanup);
  if (!curl) throw minitorch::Error("[data] libcurl cannot start");
  State state{t, curl.get()};
  char error_text[CURL_ERROR_SIZE] = "";
  set_options(state, error_text);
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(nullptr, curl_slist_free_all);
  const int64_t before = bytes_before(t);
  const auto range = std::to_string(before) + "-";
  if (before > 0) {
    curl_easy_setopt(curl.get(), CURLOPT_RANGE, range.c_str());
    headers.reset(curl_slist_append(nullptr, ("If-Range: " + t.validator).c_str()));
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  }
  const auto code = curl_easy_perform(curl.get());
  // A callback that refused has said why.
  if (code != CURLE_WRITE_ERROR || t.reason.empty()) judge(state, code, error_text);
  if (t.file) close_part(t);
  else if (t.outcome == Outcome::kDone && !t.part.empty())
    refuse(t, Outcome::kTryAgain, "the server sent an empty file");
  if (t.failure) std::rethrow_exception(t.failure);
}

}  // namespace datasets
