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

// As in fastai, a file in the folder models of the working directory, unless it is known to be another; ""
// when there is none.
std::string beside_us(const ModelFile& model, Watcher& watcher) {
  const auto path = "models/" + model.file;
  if (file_size(path) < 0) return "";
  const auto known = model.sha256.empty() ? hash_in_name(model.file) : model.sha256;
  if (known.empty()) return path;
  const auto digest = digest_file(path);
  if (digest.sha256.starts_with(known)) return path;
  watcher.note(path + " is not used: SHA-256: expected " + known + (known.size() < 64 ? "..." : "") +
               ", got " + digest.sha256);
  return "";
}

// What the publisher says the SHA-256 is; "" when nobody says.
std::string published_hash(const ModelFile& model, const std::string& url, const Network& network,
                           Watcher& watcher) {
  if (!model.sha256.empty()) return model.sha256;
  if (const auto prefix = hash_in_name(model.file); !prefix.empty()) return prefix;
  const auto mark = url.find("/resolve/");
  if (mark == url.npos) return "";
  auto pointer = url;
  return hash_in_pointer(http_get(pointer.replace(mark, 9, "/raw/"), 4096, network, watcher));
}

void download_model(const ModelFile& model, const std::string& url, const std::string& path,
                    const Network& network, Watcher& watcher) {
  const auto part = path + ".part";
  const auto expected = published_hash(model, url, network, watcher);
  watcher.note(model.file + ": downloading " + url);
  download(url, part, -1, network, watcher);
  const auto digest = digest_file(part);
  if (!digest.sha256.starts_with(expected)) {
    rename_file(part, path + ".bad");
    remove_all(part + ".from");
    throw WrongFile("[data] " + url + ": SHA-256: expected " + expected +
                    (expected.size() < 64 ? "..." : "") + ", got " + digest.sha256 +
                    "; the file is kept as " + path + ".bad");
  }
  rename_file(part, path);
  remove_all(part + ".from");
  remove_all(path + ".bad");
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
  if (!options.force && exists(path)) return path;
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
  if (!options.force && exists(path)) return path;  // another process has just finished it
  Network network = options.network;
  std::vector<std::string> places = {model.url};
  if (const auto mirror = variable("COURSE_MIRROR"); !mirror.empty()) {
    places.insert(places.begin(), mirror + "/" + model.file);
    network.allow_http |= mirror.starts_with("http://");
  }
  std::string reasons;
  for (const auto& place : places) try {
      download_model(model, place, path, network, watcher);
      return path;
    } catch (const WrongFile&) { throw; } catch (const NetworkError& error) {
      reasons += (reasons.empty() ? "" : "; ") + inner_text(error.what());
    }
  throw NetworkError("[data] " + model.file + " could not be downloaded: " + reasons, by_hand);
}

}  // namespace datasets
