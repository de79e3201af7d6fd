// SPDX-License-Identifier: MIT
#include "fastcore/basics/web_images.h"

#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "datasets/files.h"
#include "datasets/words.h"
#include "fastcore/basics/external.h"
#include "fastcore/basics/helpers.h"
#include "fastcore/basics/parallel.h"
#include "fastcore/basics/range.h"

namespace fastcore {
namespace {

using nlohmann::json;
constexpr int64_t kMostJson = 10'000'000;
constexpr int kPage = 50;     // what the API gives at once
constexpr int kMostIdle = 3;  // pages in a row without a new picture: one of films only is no end yet
constexpr const char* kWithoutNetwork =
    "go on with the bundled pictures: untar_data(urls::PICTURES_SAMPLE); or put your own files into one "
    "folder a kind";
const std::string kWithoutSearch =
    kWithoutNetwork +
    std::string("; or list addresses in a file: download_images(dest, {.url_file = \"urls.txt\"})");

// COURSE_OFFLINE is a promise that nothing asks the network. @throws NetworkError when it is set
void refuse_offline(const std::string& who) {
  if (!datasets::variable("COURSE_OFFLINE").empty())
    throw datasets::NetworkError("[" + who + "] COURSE_OFFLINE is set: nothing is asked of the network",
                                 kWithoutNetwork + std::string("; or unset COURSE_OFFLINE"));
}

// Where to ask and how: an address of the reader's own in the environment may be plain http.
std::string endpoint_of(const SearchOptions& options, datasets::Network& network) {
  if (!options.endpoint.empty()) return options.endpoint;
  const auto own = datasets::variable("COURSE_IMAGE_SEARCH");
  network.allow_http |= own.starts_with("http://");
  return own.empty() ? "https://commons.wikimedia.org/w/api.php" : own;
}

// MediaWiki refuses with a page like any other, whose one member says why. @throws NetworkError then, or for
// what is no answer at all
void check_answer(const json& answer) {
  if (!answer.is_object())
    throw datasets::NetworkError("the answer is not what the search promises: expected an object, got " +
                                 std::string(answer.type_name()));
  if (const auto error = answer.find("error"); error != answer.end())
    throw datasets::NetworkError("the search refuses: " + error->value("code", "no reason given") + ": " +
                                 error->value("info", ""));
}

// One page of results from `offset` on: adds addresses by rank, returns the next offset or -1.
int64_t add_page(const std::string& text, std::map<int64_t, std::string>& by_rank) {
  const auto answer = json::parse(text);
  check_answer(answer);
  if (const auto pages = answer.find("query"); pages != answer.end())
    for (const auto& page : pages->value("pages", json::array())) {
      const auto info = page.value("imageinfo", json::array());
      if (info.empty() || !info[0].is_object()) continue;
      const auto mime = info[0].value("mime", "");
      const auto url = info[0].value("thumburl", info[0].value("url", ""));
      if (url.empty() || (mime != "image/jpeg" && mime != "image/png")) continue;
      by_rank[page.value("index", static_cast<int64_t>(by_rank.size()) + 1)] = url;
    }
  const auto next = answer.find("continue");
  return next == answer.end() ? -1 : next->value("gsroffset", int64_t{-1});
}

// .jpg of https://host/a/b.JPG?width=3; .jpg too when there is none that a picture could have.
std::string suffix_of(const std::string& name) {
  auto suffix = Path(name).suffix();
  for (auto& c : suffix) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return image_extensions().argfirst([&](auto& e) { return e == suffix; }) ? suffix : ".jpg";
}

std::string name_in(const std::string& url) {
  const auto path = url.substr(0, url.find_first_of("?#"));
  return path.substr(path.rfind('/') + 1);
}

// 7 of 00000007.jpg; -1 of what is not numbered.
int64_t number_of(const std::string& name) {
  const auto stem = Path(name).stem();
  const bool numbered = stem.size() == 8 && stem.find_first_not_of("0123456789") == stem.npos;
  return numbered ? std::stoll(stem) : -1;
}

// What an address's file is called, and the number that it has where the file system refuses that name.
struct Name {
  std::string wanted, numbered;
};

// Every address's file name, decided before any download so that it does not depend on which one comes first,
// and none that is in the folder already.
L<Name> names_for(const L<std::string>& urls, const Path& dest, bool preserve) {
  L<Name> names;
  std::set<std::string> taken;
  int64_t number = 0;
  for (const auto& file : dest.ls()) {
    taken.insert(file.name());
    number = std::max(number, number_of(file.name()) + 1);
  }
  if (preserve)
    for (const auto& url : urls) number = std::max(number, number_of(name_in(url)) + 1);
  for (const auto& url : urls) {
    const auto numbered =
        minitorch::format("%08lld", static_cast<long long>(number++)) + suffix_of(name_in(url));
    auto name = numbered;
    if (const auto own = name_in(url); preserve && !own.empty() && own[0] != '.') {
      const auto stem = own.substr(0, own.size() - Path(own).suffix().size());
      name = stem + suffix_of(own);
      for (int n = 1; taken.count(name); ++n) name = stem + std::to_string(n) + suffix_of(own);
    }
    taken.insert(name);
    names.append({name, numbered});
  }
  return names;
}

// A name from the web may be longer than the file system allows, or have signs that it refuses.
// @throws FileError when not even the numbered file can be written: then it is the folder
Path write_picture(const Path& dest, const Name& name, const std::string& body) {
  try {
    const auto file = dest / name.wanted;
    file.write_text(body);
    return file;
  } catch (const minitorch::FileError&) {
    if (name.wanted == name.numbered) throw;
  }
  const auto file = dest / name.numbered;
  file.write_text(body);
  return file;
}

// No picture that is read here begins with '<', behind white space and a byte-order mark; every page does.
bool is_page(const std::string& body) {
  const auto first = body.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  return first == body.npos || body[first] == '<';
}

}  // namespace

L<std::string> search_images(const std::string& words, const SearchOptions& options) {
  if (words.empty())
    throw minitorch::ValueError("[search_images] no words to search for", "search_images(\"bird photo\")");
  refuse_offline("search_images");
  auto network = options.network;
  DownloadBar interruptible;
  const auto query = endpoint_of(options, network) +
                     "?action=query&format=json&formatversion=2&generator=search&gsrnamespace=6&gsrlimit=" +
                     std::to_string(kPage) +
                     "&prop=imageinfo&iiprop=url%7Cmime&iiurlwidth=" + std::to_string(options.width) +
                     "&gsrsearch=" + datasets::url_encode("filetype:bitmap " + words);
  std::map<int64_t, std::string> by_rank;
  try {
    int idle = 0;
    for (int64_t offset = 0; offset >= 0 && idle < kMostIdle && ssize(by_rank) < options.max_images;) {
      const auto page = query + "&gsroffset=" + std::to_string(offset);
      const auto before = by_rank.size();
      const auto next = add_page(datasets::http_get(page, kMostJson, network, interruptible), by_rank);
      offset = next > offset ? next : -1;
      idle = by_rank.size() > before ? 0 : idle + 1;
    }
  } catch (const json::exception& error) {
    throw datasets::NetworkError(
        "[search_images] the answer is not what the search promises: " + std::string(error.what()),
        kWithoutSearch);
  } catch (const datasets::NetworkError& error) {
    throw datasets::NetworkError("[search_images] '" + words + "': no search: " + error.what(),
                                 kWithoutSearch);
  }
  L<std::string> urls;
  for (const auto& [rank, url] : by_rank) urls.append(url);
  return urls.slice(0, options.max_images);
}

L<std::string> search_images(const std::string& words) { return search_images(words, SearchOptions{}); }

L<Path> download_images(const Path& dest, const DownloadOptions& options) {
  refuse_offline("download_images");
  auto urls = options.urls;
  if (!options.url_file.str().empty())
    urls = options.url_file.readlines()
               .map([](const std::string& line) { return join(split(line), ""); })
               .filter([](const std::string& line) { return !line.empty(); })
               .slice(0, options.max_pics);
  dest.mkdir({.parents = true, .exist_ok = true});
  const auto names = names_for(urls, dest, options.preserve_filename);
  const datasets::Network network{.tries = 1,
                                  .connect_timeout = options.timeout,
                                  .stall_timeout = options.timeout,
                                  .allow_http = options.allow_http,
                                  .allow_http_redirects = options.allow_http};
  DownloadBar interruptible;
  auto one = [&](int64_t i) -> std::optional<Path> {
    std::string body;
    try {
      body = datasets::http_get(urls[i], options.max_bytes, network, interruptible);
    } catch (const datasets::NetworkError&) { return {}; }
    if (is_page(body)) return {};
    return write_picture(dest, names[i], body);
  };
  const auto results =
      parallel(one, range_of(urls), {.n_workers = options.n_workers, .progress = options.progress});
  return results.filter([](auto& file) { return file.has_value(); }).map([](auto& file) { return *file; });
}

Path download_url(const std::string& url, const Path& dest, const DownloadUrlOptions& options) {
  refuse_offline("download_url");
  const auto name = name_in(url);
  if (dest.is_dir() && name.empty())
    throw minitorch::ValueError("[download_url] " + url + " does not end in a file name",
                                "say what to call it: download_url(url, folder / \"name.zip\")");
  const Path file = dest.is_dir() ? dest / name : dest;
  const auto part = file.str() + ".part";
  const datasets::Network network{.connect_timeout = options.timeout,
                                  .stall_timeout = options.timeout,
                                  .allow_http = options.allow_http,
                                  .allow_http_redirects = options.allow_http};
  DownloadBar bar(options.show_progress);
  datasets::download(url, part, -1, network, bar);
  datasets::rename_file(part, file.str());
  datasets::remove_all(part + ".from");
  return file;
}

Path download_url(const std::string& url, const Path& dest) {
  return download_url(url, dest, DownloadUrlOptions{});
}

}  // namespace fastcore
