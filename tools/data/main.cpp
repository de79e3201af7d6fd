// SPDX-License-Identifier: MIT
// ./course data list|fetch|verify|add|rm: the data sets on this machine.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "datasets/fetch.h"
#include "datasets/files.h"
#include "datasets/words.h"
#include "fastcore/basics/external.h"

using namespace datasets;

namespace {

struct Options {
  std::vector<std::string> names;
  bool json = false, force = false, all = false, quiet = false;
};

// A folder of data/ that is in no row: an archive that was added by hand, of one of the endings that add
// takes.
Dataset added(const std::string& folder, const Home& home) {
  std::string file = folder + ".tgz";
  for (const char* ending : {".tar.gz", ".tar", ".zip"})
    if (exists(home.archive(folder + ending)) || exists(home.archive(folder + ending) + ".part"))
      file = folder + ending;
  return {.name = folder, .url = "https://unknown/" + file};
}

std::vector<Dataset> known_and_added(const Home& home) {
  std::vector<Dataset> sets;
  for (const auto* set : all()) sets.push_back(*set);
  for (const auto& folder : names_in(home.data("")))
    if (folder[0] != '.' &&
        std::none_of(all().begin(), all().end(), [&](auto* set) { return set->folder() == folder; }))
      sets.push_back(added(folder, home));
  return sets;
}

// "downloaded", "added", "bundled", "generated", "partly here" or "".
std::string state_of(const Dataset& set, const Home& home) {
  if (!set.url.empty() && is_folder(home.data(set.folder()))) return find(set.name) ? "downloaded" : "added";
  if (!set.url.empty() && exists(home.archive(set.file()) + ".part")) return "partly here";
  if (is_folder(home.bundled(set.folder()))) return set.bundled.empty() ? "generated" : "bundled";
  return "";
}

std::string offline_of(const Dataset& set) {
  return !set.bundled.empty() ? "bundled" : set.generate ? "generated" : "";
}

int list(const Options& options) {
  const Home home("");
  if (!options.json) std::printf("%-24s %10s  %-12s %s\n", "name", "archive", "here", "without a network");
  for (const auto& set : known_and_added(home)) {
    const auto state = state_of(set, home), offline = offline_of(set);
    if (options.json) {
      const nlohmann::json row{{"name", set.name},
                               {"url", set.url},
                               {"bytes", set.bytes},
                               {"here", state},
                               {"stand_in", set.stand_in}};
      std::printf("%s\n", row.dump().c_str());
    } else {
      const auto size = set.bytes < 0 ? set.url.empty() ? "-" : "?" : human_size(set.bytes);
      std::printf("%-24s %10s  %-12s %s%s%s\n", set.name.c_str(), size.c_str(),
                  state.empty() ? "-" : state.c_str(), offline.c_str(), set.stand_in.empty() ? "" : ": ",
                  set.stand_in.c_str());
    }
  }
  if (!options.json) std::printf("\ndata folder: %s\n", home.root().c_str());
  return 0;
}

int fetch_all(const Options& options) {
  fastcore::DownloadBar bar;
  for (const auto& name : options.names)
    std::printf("%s\n", fetch(named(name), {.force = options.force, .watcher = &bar}).c_str());
  return 0;
}

int add_all(const Options& options) {
  fastcore::DownloadBar bar;
  for (const auto& file : options.names) std::printf("%s\n", add_archive(file, {.watcher = &bar}).c_str());
  return 0;
}

std::vector<Dataset> chosen(const Options& options, const Home& home) {
  std::vector<Dataset> sets;
  for (const auto& name : options.names)
    sets.push_back(!find(name) && !name.empty() && name[0] != '.' && name.find('/') == name.npos &&
                           is_folder(home.data(name))
                       ? added(name, home)
                       : named(name));
  if (options.names.empty())
    for (const auto& set : known_and_added(home))
      if (!state_of(set, home).empty()) sets.push_back(set);
  return sets;
}

// What makes a damaged data set whole again.
std::string remedy(const Dataset& set, const std::string& state) {
  if (state == "added") return "./course data add " + set.file();
  if (state == "downloaded") return "./course data fetch " + set.name + " --force";
  return "./course data rm " + set.name + ", and the next use makes it anew";
}

int verify_all(const Options& options) {
  const Home home("");
  std::string bad, hint;
  int count = 0;
  for (const auto& set : chosen(options, home)) {
    const auto state = state_of(set, home);
    const auto problems = state.empty() ? std::vector<std::string>() : verify(set, home);
    for (const auto& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
    if (options.json)
      std::printf("%s\n",
                  nlohmann::json{{"name", set.name}, {"here", state}, {"problems", problems}}.dump().c_str());
    else
      std::printf("%-24s %s\n", set.name.c_str(),
                  state.empty()      ? "not here"
                  : problems.empty() ? "ok"
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
  for (const auto& set : chosen(options, home))
    std::printf("%-24s %s freed\n", set.name.c_str(), human_size(remove(set, home)).c_str());
  return 0;
}

// CLI11 says what it did not expect; the reader also wants to know what it would have.
int bad_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  std::vector<std::string> known;
  for (const auto* sub : app.get_subcommands({})) {
    known.push_back(sub->get_name());
    for (const auto* option : sub->get_options())
      for (const auto& name : option->get_lnames()) known.push_back("--" + name);
  }
  std::string near;
  for (int i = 1; i < argc && near.empty(); ++i)
    if (std::find(known.begin(), known.end(), argv[i]) == known.end()) near = nearest(argv[i], known);
  std::fprintf(stderr, "error: %s\n", error.what());
  std::fprintf(stderr, "try:   %s\n",
               near.empty() ? "./course data --help" : ("did you mean " + near + "?").c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("The data sets on this machine.", "./course data");
  app.set_version_flag("--version", "0.1.0");
  app.require_subcommand(1);
  Options options;
  auto* list_command =
      app.add_subcommand("list", "every data set: size, whether it is here, what stands in offline");
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
    if (error.get_exit_code() == 0) return app.exit(error);
    return bad_usage(app, error, argc, argv);
  }
  if (*list_command) return list(options);
  if (*fetch_command) return fetch_all(options);
  if (*verify_command) return verify_all(options);
  if (*add_command) return add_all(options);
  return remove_chosen(options);
} catch (const std::exception& error) { return minitorch::report_error(error); }
