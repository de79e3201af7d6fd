// SPDX-License-Identifier: MIT
// ./course data list|fetch|verify|add|rm: the data sets on this machine.
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "datasets/fetch.h"
#include "datasets/files.h"
#include "datasets/record.h"
#include "datasets/words.h"
#include "fastcore/basics/columns.h"
#include "fastcore/basics/external.h"
#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/report/usage.h"

using namespace datasets;

namespace {

struct Options {
  std::vector<std::string> names;
  bool json = false, force = false, all = false, quiet = false;
};

constexpr const char* kNowhere = "https://unknown/";  // the address of what was added by hand

// Where a set that is in no row came from, as the record of its folder or of its download says: an https
// address, or "".
std::string address_of(const std::string& folder, const std::string& file, const Home& home) {
  const auto record = home.record("data", folder), from = home.archive(file) + ".part.from";
  std::string address;
  try {
    if (exists(record)) address = read_record(read_file(record)).source;
    else if (exists(from)) address = read_file(from).substr(0, read_file(from).find('\n'));
  } catch (const minitorch::FileError&) {}  // damaged: verify says so
  const bool fits = address.starts_with("https://") && Dataset{.name = "", .url = address}.file() == file;
  return fits ? address : "";
}

// "birds.tgz" of birds.tgz.part, birds.tgz.sha256 ...; "" for names that are not ours. An archive fetched
// from an address like .../download?id=1 has no ending of its own: by what lies beside it it is known.
std::string archive_name(std::string name) {
  bool beside = false;
  for (const std::string end : {".from", ".part", ".sha256", ".bad"})
    if (name.ends_with(end)) {
      name.resize(name.size() - end.size());
      beside = true;
    }
  return beside || !archive_stem(name).empty() ? name : "";
}

std::vector<std::string> names_if_there(const std::string& folder) {
  return is_folder(folder) ? names_in(folder) : std::vector<std::string>();
}

// Folders and archives that are in no row: added by hand, or fetched by their address.
std::vector<Dataset> other_sets(const Home& home) {
  std::map<std::string, std::string> files;  // by folder
  for (const auto& folder : names_if_there(home.data("")))
    if (folder[0] != '.') files[folder] = folder + ".tgz";
  for (const auto& name : names_if_there(home.archive("")))
    if (const auto file = archive_name(name); !file.empty() && file[0] != '.')
      files[Dataset{.name = "", .url = kNowhere + file}.folder()] = file;
  for (const auto* row : all()) files.erase(row->folder());
  std::vector<Dataset> sets;
  for (const auto& [folder, file] : files) {
    const auto address = address_of(folder, file, home);
    sets.push_back({.name = folder, .url = address.empty() ? kNowhere + file : address});
  }
  return sets;
}

std::vector<Dataset> known_and_added(const Home& home) {
  std::vector<Dataset> sets;
  for (const auto* set : all()) sets.push_back(*set);
  for (auto& set : other_sets(home)) sets.push_back(std::move(set));
  return sets;
}

// "downloaded", "added", "archive", "partly here", "bundled", "generated" or "".
std::string state_of(const Dataset& set, const Home& home) {
  if (!set.url.empty()) {
    if (is_folder(home.data(set.folder()))) return set.url.starts_with(kNowhere) ? "added" : "downloaded";
    if (exists(home.archive(set.file()))) return "archive";
    if (exists(home.archive(set.file()) + ".part")) return "partly here";
  }
  if (is_folder(home.bundled(set.folder()))) return set.bundled.empty() ? "generated" : "bundled";
  return "";
}

std::string offline_of(const Dataset& set) {
  return !set.bundled.empty() ? "bundled" : set.generate ? "generated" : "";
}

// A row of the list: as wide as the window, 80 columns elsewhere; the last column goes on below itself.
void print_row(const std::string& name, const std::string& size, const std::string& here,
               const std::string& rest) {
  constexpr int kBefore = 24 + 9 + 2 + 12;
  const int window = fastcore::window_columns(STDOUT_FILENO);
  const int room = std::max(20, (window > 0 ? window : 80) - kBefore);
  std::printf("%-23s %9s  %-11s %s\n", name.c_str(), size.c_str(), here.c_str(),
              fastcore::wrapped(rest, room, kBefore).c_str());
}

// A file name need not be UTF-8, JSON has to be: other bytes become the replacement character.
void print_json(const nlohmann::json& row) {
  std::printf("%s\n", row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

int list(const Options& options) {
  const auto home = Home::as_it_is("");
  if (!options.json) print_row("name", "archive", "here", "without a network");
  for (const auto& set : known_and_added(home)) {
    const auto state = state_of(set, home), offline = offline_of(set);
    if (options.json) {
      print_json({{"name", set.name},
                  {"url", set.url.starts_with(kNowhere) ? "" : set.url},
                  {"bytes", set.bytes},
                  {"here", state},
                  {"stand_in", set.stand_in}});
    } else {
      const auto size = set.bytes < 0 ? set.url.empty() ? "-" : "?" : human_size(set.bytes);
      print_row(set.name, size, state.empty() ? "-" : state,
                offline + (set.stand_in.empty() ? "" : ": ") + set.stand_in);
    }
  }
  if (!options.json) std::printf("\ndata folder: %s\n", home.root().c_str());
  return 0;
}

// Prints the folder of each name, once the bar that told of the work is gone.
template <class Work>
int print_folders(const Options& options, Work work) {
  for (const auto& name : options.names) {
    const auto folder = [&] {
      fastcore::DownloadBar bar;
      return work(name, bar);
    }();
    std::printf("%s\n", folder.c_str());
  }
  return 0;
}

int fetch_all(const Options& options) {
  return print_folders(options, [&](const std::string& name, Watcher& bar) {
    return fetch(named(name), {.force = options.force, .watcher = &bar});
  });
}

int add_all(const Options& options) {
  return print_folders(
      options, [](const std::string& file, Watcher& bar) { return add_archive(file, {.watcher = &bar}); });
}

std::vector<Dataset> chosen(const Options& options, const Home& home) {
  std::vector<Dataset> sets;
  const auto others = other_sets(home);
  for (const auto& name : options.names) {
    const auto other = std::find_if(others.begin(), others.end(), [&](const Dataset& set) {
      return name == set.name || name == set.file() || name == set.url;
    });
    sets.push_back(!find(name) && other != others.end() ? *other : named(name));
  }
  if (options.names.empty())
    for (const auto& set : known_and_added(home))
      if (!state_of(set, home).empty()) sets.push_back(set);
  return sets;
}

// What makes a damaged data set whole again.
std::string remedy(const Dataset& set, const std::string& state) {
  if (set.url.starts_with(kNowhere)) return "./course data add " + set.file();
  const auto name = find(set.name) ? set.name : set.url;
  if (state == "downloaded" || state == "archive") return "./course data fetch " + name + " --force";
  return "./course data rm " + set.name + ", and the next use makes it anew";
}

int verify_all(const Options& options) {
  const auto home = Home::as_it_is("");
  fastcore::DownloadBar bar;
  std::string bad, hint;
  int count = 0;
  for (const auto& set : chosen(options, home)) {
    const auto state = state_of(set, home);
    const auto problems = state.empty() ? std::vector<std::string>() : verify(set, home, &bar);
    for (const auto& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
    if (options.json) print_json({{"name", set.name}, {"here", state}, {"problems", problems}});
    else
      std::printf("%-24s %s\n", set.name.c_str(),
                  state.empty()            ? "not here"
                  : state == "partly here" ? "partly here"
                  : problems.empty()       ? "ok"
                                           : "DAMAGED");
    if (problems.empty()) continue;
    if (count++ == 0) hint = remedy(set, state);
    bad += " " + set.name;
  }
  if (count) throw minitorch::FileError("[data] " + std::to_string(count) + " damaged:" + bad, hint);
  return 0;
}

int remove_chosen(const Options& options) {
  if (options.names.empty() && !options.all)
    throw minitorch::ValueError("[data] rm: no names",
                                "./course data rm NAME, or --all for all that is here");
  const Home home("");
  fastcore::DownloadBar bar;
  for (const auto& set : options.all ? known_and_added(home) : chosen(options, home)) {
    const auto bytes = remove(set, home, &bar);
    if (bytes > 0 || !options.all)
      std::printf("%-24s %s freed\n", set.name.c_str(), human_size(bytes).c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  fastcore::catch_interrupts("stopping; once more to stop at once");
  CLI::App app("The data sets on this machine.", "./course data");
  app.get_formatter()->column_width(18);
  app.set_version_flag("--version", "0.1.0");
  app.require_subcommand(1);
  Options options;
  auto* list_command =
      app.add_subcommand("list", "every data set: its size, whether it is here, what stands in");
  list_command->add_flag("--json", options.json, "one JSON object a line");
  auto* fetch_command = app.add_subcommand("fetch", "download and unpack, resuming what was begun");
  fetch_command->add_option("NAME", options.names, "names as in the list, or an https address")->required();
  fetch_command->add_flag("--force", options.force, "anew, even if it is here");
  auto* verify_command = app.add_subcommand("verify", "compare archives and files with their checksums");
  verify_command->add_option("NAME", options.names, "names as in the list; all that are here if none");
  verify_command->add_flag("--json", options.json, "one JSON object a line");
  auto* add_command = app.add_subcommand("add", "unpack an archive that you fetched in another way");
  add_command->add_option("FILE", options.names, "a .tgz, .tar.gz, .tar or .zip")->required();
  auto* rm_command = app.add_subcommand("rm", "remove folder, archive and records");
  rm_command->add_option("NAME", options.names, "names as in the list");
  rm_command->add_flag("--all", options.all, "all that are here");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return fastcore::refuse_usage(app, error, "./course data --help");
  }
  if (*list_command) return list(options);
  if (*fetch_command) return fetch_all(options);
  if (*verify_command) return verify_all(options);
  if (*add_command) return add_all(options);
  return remove_chosen(options);
} catch (const std::exception& error) { return minitorch::report_error(error); }
