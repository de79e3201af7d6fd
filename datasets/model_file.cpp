// SPDX-License-Identifier: MIT
#include "datasets/model_file.h"

#include <algorithm>
#include <cctype>

#include "datasets/digest.h"
#include "datasets/files.h"
#include "datasets/words.h"

namespace datasets {
namespace {

Watcher standard_watcher;

bool is_hex(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isdigit(c) || (c >= 'a' && c <= 'f'); });
}

std::string bundled_path(const ModelFile& model) {
  const auto path = bundled_file(model.bundled);
  const auto known = bundled_sha256(model.bundled);
  if (const auto digest = digest_file(path); !known.empty() && digest.sha256 != known)
    throw minitorch::FileError(
        "[data] " + path + " is damaged: SHA-256: expected " + known + ", got " + digest.sha256,
        "git checkout datasets/bundled");
  return path;
}

// What is known of the SHA-256 without a network: its digits, or the first of them, or "".
std::string known_hash(const ModelFile& model) {
  return model.sha256.empty() ? hash_in_name(model.file) : model.sha256;
}

std::string shortened(const std::string& hash) { return hash + (hash.size() < 64 ? "..." : ""); }

// As in fastai, a file in the folder models of the working directory, unless it is known to be another; ""
// when there is none.
std::string beside_us(const ModelFile& model, Watcher& watcher) {
  const auto path = "models/" + model.file;
  if (file_size(path) < 0) return "";
  const auto known = known_hash(model);
  if (known.empty()) return path;
  const auto digest = digest_file(path, &watcher);
  if (digest.sha256.starts_with(known)) return path;
  watcher.note(path + " is not used: SHA-256: expected " + shortened(known) + ", got " + digest.sha256);
  return "";
}

// The same, the publisher asked where need be. @throws NetworkError when he cannot be asked or does not say
std::string published_hash(const ModelFile& model, const Network& network, Watcher& watcher,
                           const std::string& by_hand) {
  if (const auto known = known_hash(model); !known.empty()) return known;
  if (const auto mark = model.url.find("/resolve/"); mark != model.url.npos) {
    auto pointer = model.url;
    const auto hash = hash_in_pointer(http_get(pointer.replace(mark, 9, "/raw/"), 4096, network, watcher));
    if (!hash.empty()) return hash;
  }
  throw NetworkError("[data] " + model.url + ": its publisher says no SHA-256 to check it by", by_hand);
}

// Remembers that a file of models/ was looked at, so that it need not be read again.
void write_checked(const Home& home, const ModelFile& model, const std::string& sha256) {
  write_file(home.record("model", model.file), sha256 + "\n" + file_stamp(home.model(model.file)) + "\n");
}

// A file that lies in models/: put there by hand, unless it is known already.
void check_present(const Home& home, const ModelFile& model, Watcher& watcher) {
  const auto path = home.model(model.file), record = home.record("model", model.file);
  if (exists(record) && read_file(record).ends_with("\n" + file_stamp(path) + "\n")) return;
  const auto expected = known_hash(model), got = digest_file(path, &watcher).sha256;
  if (!got.starts_with(expected))
    throw minitorch::FileError(
        "[data] " + path + ": SHA-256: expected " + shortened(expected) + ", got " + got,
        "it is damaged or another file: remove it, and run again" +
            (model.url.empty() ? "" : " or fetch " + model.url + " anew"));
  if (expected.empty())
    watcher.note(model.file + ": found in models/, unchecked, as its SHA-256 is not known here; it is " +
                 got);
  write_checked(home, model, got);
}

void download_model(const ModelFile& model, const std::string& url, const std::string& expected,
                    const Home& home, const Network& network, Watcher& watcher) {
  const auto path = home.model(model.file), part = path + ".part";
  watcher.note(model.file + ": downloading " + url);
  download(url, part, -1, network, watcher);
  const auto digest = digest_file(part, &watcher);
  if (!digest.sha256.starts_with(expected)) {
    rename_file(part, path + ".bad");
    remove_all(part + ".from");
    throw WrongFile("[data] " + url + ": SHA-256: expected " + shortened(expected) + ", got " +
                    digest.sha256 + "; the file is kept as " + path + ".bad");
  }
  rename_file(part, path);
  remove_all(part + ".from");
  remove_all(path + ".bad");
  write_checked(home, model, digest.sha256);
}

}  // namespace

std::string hash_in_name(const std::string& file) {
  const auto dash = file.rfind('-'), dot = file.rfind('.');
  if (dash == file.npos || dot == file.npos || dot < dash || dot - dash != 9) return "";
  const auto digits = file.substr(dash + 1, 8);
  return is_hex(digits) ? digits : "";
}

std::string hash_in_pointer(const std::string& text) {
  const std::string key = "\noid sha256:";
  const auto at = text.find(key);
  if (!text.starts_with("version https://git-lfs") || at == text.npos) return "";
  const auto digits = text.substr(at + key.size(), 64);
  return digits.size() == 64 && is_hex(digits) ? digits : "";
}

std::string fetch_model(const ModelFile& model, const FetchOptions& options) {
  Watcher& watcher = options.watcher ? *options.watcher : standard_watcher;
  if (const auto beside = options.force ? "" : beside_us(model, watcher); !beside.empty()) return beside;
  const Home home(options.home);
  const auto path = home.model(model.file);
  const auto is_there = [&] {
    if (options.force || !exists(path)) return false;
    check_present(home, model, watcher);
    return true;
  };
  if (is_there()) return path;
  if (!options.force && !model.bundled.empty()) return bundled_path(model);
  const auto by_hand =
      "fetch " + (model.url.empty() ? "it" : model.url) + " in another way and put it at " + path;
  if (model.url.empty()) throw NetworkError("[data] no weights are published as " + model.file, by_hand);
  if (!variable("COURSE_OFFLINE").empty())
    throw NetworkError("[data] " + model.file + " is not in " + path + ": COURSE_OFFLINE is set", by_hand);

  const FolderLock lock(
      home.lock(model.file),
      [](void* w, int times) {
        if (times == 0) static_cast<Watcher*>(w)->note("waiting for another download");
        static_cast<Watcher*>(w)->check();
      },
      &watcher);
  if (is_there()) return path;  // another process has just finished it
  Network network = options.network;
  std::vector<std::string> places = {model.url};
  if (auto mirror = variable("COURSE_MIRROR"); !mirror.empty()) {
    while (mirror.ends_with('/')) mirror.pop_back();
    places.insert(places.begin(), mirror + "/" + model.file);
    network.allow_http |= mirror.starts_with("http://");
  }
  const auto expected = published_hash(model, options.network, watcher, by_hand);
  std::string reasons;
  for (const auto& place : resumable_first(places, path + ".part")) try {
      download_model(model, place, expected, home, network, watcher);
      return path;
    } catch (const WrongFile&) { throw; } catch (const NetworkError& error) {
      reasons += (reasons.empty() ? "" : "; ") + inner_text(error.what());
    }
  throw NetworkError("[data] " + model.file + " could not be downloaded: " + reasons, by_hand);
}

}  // namespace datasets
