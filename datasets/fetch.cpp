// SPDX-License-Identifier: MIT
#include "datasets/fetch.h"

#include <algorithm>
#include <filesystem>

#include "datasets/digest.h"
#include "datasets/draft.h"
#include "datasets/files.h"
#include "datasets/record.h"
#include "datasets/unpack.h"
#include "datasets/words.h"

namespace datasets {
namespace {

Watcher silent_about_progress;

// Notes an address when something comes from it.
class Announcing : public Watcher {
 public:
  Announcing(Watcher& to, std::string line) : to_(to), line_(std::move(line)) {}
  void note(const std::string& line) override { to_.note(line); }
  void progress(const std::string& what, int64_t done, int64_t total) override {
    announce();
    to_.progress(what, done, total);
  }
  void check() override { to_.check(); }
  void announce() {
    if (!line_.empty()) note(line_);
    line_.clear();
  }

 private:
  Watcher& to_;
  std::string line_;
};

// Everything that one call works with; the steps of fetch() are its members.
class Fetcher {
 public:
  Fetcher(const Dataset& dataset, const FetchOptions& options)
      : set_(dataset),
        options_(options),
        home_(options.home),
        watcher_(options.watcher ? *options.watcher : silent_about_progress),
        folder_(home_.data(dataset.folder())) {}

  std::string run() {
    if (options_.source == Source::kStandIn || set_.url.empty()) return stand_in("");
    check_address();
    if (!options_.force && is_folder(folder_)) return found(folder_);
    const bool at_hand = !options_.force && (exists(home_.archive(set_.file())) || !beside_us().empty());
    if (options_.source == Source::kCached && has_stand_in() && !at_hand) return stand_in("");
    if (!variable("COURSE_OFFLINE").empty() && !at_hand) return without_network("COURSE_OFFLINE is set");
    try {
      const FolderLock lock(home_.lock(set_.folder()), waiting, this);
      sweep(set_, home_);
      check_address();
      if (!options_.force && is_folder(folder_)) return folder_;  // another process has just finished it
      return obtain();
    } catch (const NetworkError& error) {
      if (options_.source == Source::kDownloadOnly || !has_stand_in()) throw;
      const auto why = reason_.empty() ? inner_text(error.what()) : "it could not be downloaded: " + reason_;
      return without_network(why + (replaced_ ? "; " + error.hint() : ""));
    }
  }

  std::string add(const std::string& file, const FileDigest& digest) {
    const FolderLock lock(home_.lock(set_.folder()), waiting, this);
    sweep(set_, home_);
    if (const auto wrong = wrong_with(digest); !wrong.empty())
      throw minitorch::FileError(
          "[data] " + file + " is refused: " + wrong,
          replaced_ ? forget_old() + "add this one again" : "fetch it anew from " + set_.url);
    return take(file, digest);
  }

  // "" when it passes. Sets replaced_.
  std::string wrong_with(const FileDigest& digest) {
    auto differs = [](const std::string& what, const std::string& expected, const std::string& got) {
      return what + ": expected " + expected + ", got " + got;
    };
    if (set_.bytes >= 0 && digest.bytes != set_.bytes)
      return differs("size", std::to_string(set_.bytes), std::to_string(digest.bytes));
    if (!set_.md5.empty() && digest.md5_first_mib != set_.md5)
      return differs("MD5 of the first MiB", set_.md5, digest.md5_first_mib);
    const auto known = known_sha256();
    if (known.empty() || digest.sha256 == known) return "";
    replaced_ = set_.sha256.empty();
    return differs(replaced_ ? "SHA-256 of the first download" : "SHA-256", known, digest.sha256);
  }

 private:
  static void waiting(void* self, int times) {
    auto& fetcher = *static_cast<Fetcher*>(self);
    if (times == 0)
      fetcher.watcher_.note(fetcher.set_.name + ": waiting for another program that is fetching it");
    fetcher.watcher_.check();
  }

  bool is_listed() const {
    return std::any_of(all().begin(), all().end(), [&](const Dataset* row) { return row->url == set_.url; });
  }

  // What was unpacked, and from where; empty when that is not known.
  Record recorded() const try {
    const auto path = home_.record("data", set_.folder());
    return exists(path) ? read_record(read_file(path)) : Record();
  } catch (const minitorch::FileError&) { return Record(); }  // damaged: verify says so

  // Addresses that are in no row can end in the same name, and what came from one must not pass for the
  // other. What was added by hand stands for any.
  void check_address() const {
    if (is_listed() || (!is_folder(folder_) && !exists(home_.archive(set_.file())))) return;
    const auto source = recorded().source;
    const auto places = set_.addresses();
    const bool known = std::find(places.begin(), places.end(), source) != places.end();
    if (known || source.find("://") == source.npos) return;
    throw minitorch::ValueError(
        "[data] " + set_.url + " would take the place of " + source + ", in " + folder_,
        "./course data rm " + set_.folder() +
            " makes room; to have both, download this one by hand under another name, "
            "then: ./course data add FILE");
  }

  // A folder that is here is whole, but a kill just after its rename leaves the draft it came from.
  std::string found(const std::string& folder) const {
    sweep_if_free(set_, home_);
    return folder;
  }

  // As in fastai, an archive in the folder data of the working directory; "" when there is none.
  std::string beside_us() const {
    const auto path = "data/" + set_.file();
    return file_size(path) >= 0 ? path : "";
  }

  // Unpacks an archive that has passed its checks, and keeps a copy in archive/.
  std::string take(const std::string& file, const FileDigest& digest) {
    const auto copy = home_.archive(set_.file()), part = copy + ".part";
    std::error_code unknown;
    const bool same = std::filesystem::equivalent(file, copy, unknown);
    check_room(same ? 0 : digest.bytes, digest.bytes);  // unpacked it is as much at least
    remove_all(part + ".from");                         // a download that was begun is not gone on with
    try {
      if (!same) copy_file(file, part, watcher_);
      unpack_into_place(file, folder_, "data", {file, digest.sha256, digest.bytes, {}});
    } catch (...) {
      remove_all(part);
      throw;
    }
    remember(digest);
    if (!same) rename_file(part, copy);
    return folder_;
  }

  // What the archive is compared with from now on.
  void remember(const FileDigest& digest) const {
    write_file(home_.archive(set_.file()) + ".sha256", digest.sha256 + "  " + set_.file() + "\n");
  }

  // The table's, or the one of the first archive that passed the other checks.
  std::string known_sha256() const {
    if (!set_.sha256.empty()) return set_.sha256;
    const auto path = home_.archive(set_.file()) + ".sha256";
    return exists(path) ? read_file(path).substr(0, 64) : "";
  }

  std::string obtain() {
    const auto archive = home_.archive(set_.file()), beside = beside_us();
    const bool any = !options_.force && exists(archive);
    const bool here = any && wrong_with(digest_file(archive, &watcher_)).empty();
    replaced_ = false;
    if (any && !here) watcher_.note(set_.name + ": the archive here fails its check and is downloaded anew");
    if (!here && !options_.force && !beside.empty()) {
      const auto digest = digest_file(beside, &watcher_);
      const auto wrong = wrong_with(digest);
      if (wrong.empty()) return take(beside, digest);
      watcher_.note(set_.name + ": " + beside + " is not used: " + wrong);
    }
    auto from = here ? archive : download_archive();
    if (!here && !is_listed()) from = set_.url;  // by which it is known, whatever mirror it came from
    const auto digest = digest_file(archive, &watcher_);
    const auto before = here ? recorded() : Record();
    if (here && before.sha256 == digest.sha256) from = before.source;
    try {
      unpack_into_place(archive, folder_, "data", {from, digest.sha256, digest.bytes, {}});
    } catch (const RefusedArchive&) {  // or else the next call would find it and refuse it again
      rename_file(archive, archive + ".bad");
      remove_all(archive + ".sha256");
      throw;
    }
    return folder_;
  }

  // Tries every address, the one that the .part file came from first. @returns the address that delivered
  std::string download_archive() {
    const auto archive = home_.archive(set_.file()), part = archive + ".part";
    if (!variable("COURSE_OFFLINE").empty()) throw not_here("COURSE_OFFLINE is set");
    if (set_.bytes >= 0) check_room(set_.bytes - std::max<int64_t>(0, file_size(part)), 3 * set_.bytes);
    auto places = set_.addresses();
    auto network = options_.network;
    // The reader's own server, in a class room say: plain http is their choice.
    if (auto mirror = variable("COURSE_MIRROR"); !mirror.empty()) {
      while (mirror.ends_with('/')) mirror.pop_back();
      places.insert(places.begin(), mirror + "/" + set_.file());
      network.allow_http |= mirror.starts_with("http://");
    }
    std::string reasons;
    for (const auto& place : resumable_first(places, part)) try {
        Announcing watcher(watcher_, set_.name + ": downloading " + place +
                                         (set_.bytes > 0 ? " (" + human_size(set_.bytes) + ")" : ""));
        if (reasons.empty()) watcher.announce();  // the others when they deliver: offline none does
        download(place, part, set_.bytes, network, watcher);
        const auto digest = digest_file(part, &watcher_);
        if (const auto wrong = wrong_with(digest); !wrong.empty()) {
          rename_file(part, archive + ".bad");
          remove_all(part + ".from");
          throw WrongFile("[data] " + place + ": " + wrong + "; the file is kept as " + archive + ".bad");
        }
        remember(digest);
        rename_file(part, archive);
        remove_all(part + ".from");
        remove_all(archive + ".bad");
        return place;
      } catch (const NetworkError& error) {
        if (reasons.empty() || dynamic_cast<const WrongFile*>(&error)) reason_ = inner_text(error.what());
        reasons += (reasons.empty() ? "" : "; ") + inner_text(error.what());
      }
    throw NetworkError("[data] " + set_.name + " could not be downloaded: " + reasons,
                       replaced_ ? forget_old() + "fetch it again" : by_hand());
  }

  // Room for what is still to come of the archive, and for what it holds: on one disk, or on the two that
  // config.ini names.
  void check_room(int64_t coming, int64_t unpacked) const {
    const auto archives = home_.archive(""), folders = home_.data("");
    const bool one_disk = on_one_disk(archives, folders);
    check_room_in(archives, one_disk ? coming + unpacked : coming);
    if (!one_disk) check_room_in(folders, unpacked);
  }
  void check_room_in(const std::string& folder, int64_t needed) const {
    const int64_t room = free_bytes(folder);
    if (needed > room)
      throw minitorch::FileError(
          "[data] " + set_.name + " needs " + human_size(needed) + " of disk: " + human_size(room) +
              " are free in " + folder,
          "make room, or put the data elsewhere: export COURSE_DATA=/a/bigger/disk, or move `data` and "
          "`archive` in " +
              home_.root() + "/config.ini");
  }

  // Unpacks (or generates) beside the target, writes the record, and renames into place.
  void unpack_into_place(const std::string& archive, const std::string& target, const std::string& place,
                         Record record) {
    const auto draft = draft_of(target);
    make_folders(draft);
    std::string whole = draft;
    try {
      if (archive.empty()) {
        set_.generate(draft);
        watcher_.check();
        record.members = members_of(draft);
      } else {
        record.members =
            unpack(archive, draft, {.entries = set_.max_entries, .bytes = unpacked_limit(file_size(archive))},
                   &watcher_);
        whole = without_single_folder(draft, record.members);
      }
      write_file(home_.record(place, set_.folder()), write_record(record));
      publish_folder(whole, target);
    } catch (...) {
      remove_all(draft);
      throw;
    }
    remove_all(draft);
  }

  // An archive with one folder at its top unpacks as that folder's contents.
  static std::string without_single_folder(const std::string& draft, std::vector<Member>& members) {
    const auto names = names_in(draft);
    if (names.size() != 1 || !is_folder(draft + "/" + names[0])) return draft;
    for (auto& member : members) member.path = member.path.substr(names[0].size() + 1);
    return draft + "/" + names[0];
  }

  bool has_stand_in() const { return !set_.bundled.empty() || set_.generate; }

  std::string by_hand() const {
    return "fetch " + set_.url + " in another way, then: ./course data add " + set_.file();
  }
  // The way on where a publisher has put another file in the place of what was fetched before.
  std::string forget_old() const {
    const auto name = find(set_.name) ? set_.name : set_.folder();
    return "if its publisher has replaced the file, forget the old one, ./course data rm " + name + ", and ";
  }
  NetworkError not_here(const std::string& why) const {
    return NetworkError("[data] " + set_.name + " is not here: " + why, by_hand());
  }

  std::string without_network(const std::string& why) {
    if (options_.source == Source::kDownloadOnly || !has_stand_in()) throw not_here(why);
    return stand_in(why);
  }

  // Unpacks what is bundled, or generates, under bundled/. Whoever wanted the original is told each time:
  // these are other data.
  std::string stand_in(const std::string& more) {
    if (!has_stand_in())
      throw minitorch::ValueError("[data] nothing bundled stands in for " + set_.name,
                                  "./course data fetch " + set_.name);
    const auto target = home_.bundled(set_.folder());
    const bool generated = set_.bundled.empty();
    if (!set_.url.empty() && options_.source == Source::kDownload)  // nobody asked for the copy
      watcher_.note(set_.name + ": using what " + (generated ? "is generated" : "is bundled") + ", " +
                    set_.stand_in + (more.empty() ? "" : " (" + more + ")"));
    if (is_folder(target) && !options_.force) return found(target);
    const FolderLock lock(home_.lock(set_.folder()), waiting, this);
    sweep(set_, home_);
    if (is_folder(target) && !options_.force) return target;
    if (generated) {
      unpack_into_place("", target, "bundled", {"generated", "", 0, {}});
      return target;
    }
    const auto archive = bundled_file(set_.bundled);
    const auto digest = digest_file(archive, &watcher_);
    if (const auto known = bundled_sha256(set_.bundled); !known.empty() && digest.sha256 != known)
      throw minitorch::FileError(
          "[data] " + archive + " is damaged: SHA-256: expected " + known + ", got " + digest.sha256,
          "git checkout datasets/bundled");
    unpack_into_place(archive, target, "bundled", {"bundled", digest.sha256, digest.bytes, {}});
    return target;
  }

  const Dataset& set_;
  const FetchOptions& options_;
  const Home home_;
  Watcher& watcher_;
  const std::string folder_;
  std::string reason_;     // why there was no download, in short
  bool replaced_ = false;  // a file failed by nothing but the SHA-256 of an earlier download
};

}  // namespace

std::string fetch(const Dataset& dataset, const FetchOptions& options) {
  return Fetcher(dataset, options).run();
}

std::string add_archive(const std::string& file, const FetchOptions& options) {
  if (file_size(file) < 0)
    throw minitorch::FileError("[data] no file " + file, "give the path of an archive that you have fetched");
  auto name = file.substr(file.rfind('/') + 1);
  const auto digest = digest_file(file, options.watcher);
  for (const auto* row : all())
    if (!row->url.empty() && row->file() == name) return Fetcher(*row, options).add(file, digest);
  // A browser may have called it "birds (1).tgz".
  if (const auto* row = find_archive(digest.bytes, digest.md5_first_mib))
    return Fetcher(*row, options).add(file, digest);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '#' || c == '?'; },
      '_');  // they end an address's path
  Dataset row{.name = name, .url = "https://unknown/" + name};
  if (row.folder().empty() || row.folder()[0] == '.' || row.folder() == name)
    throw minitorch::ValueError(
        "[data] " + name + ": expected a file that ends in .tgz, .tar.gz, .tar or .zip", kRepack);
  for (const auto* known : all())  // an unchecked archive must not pass for it
    if (known->folder() == row.folder())
      throw minitorch::ValueError("[data] " + name + " would take the place of " + known->name,
                                  known->url.empty()
                                      ? "that comes with the course; rename the file to add it"
                                      : "name it " + known->file() + " if it is the original, " +
                                            "which is then checked, or something else");
  return Fetcher(row, options).add(file, digest);
}

}  // namespace datasets
