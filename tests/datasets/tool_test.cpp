// SPDX-License-Identifier: MIT
// ./course data as a program: what it prints and its exit codes.
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <sstream>
#include <thread>

#include "archives.h"
#include "minitorch/core/errors.h"

using namespace datasets;

namespace {

struct Tool : TempHome {
  struct Result {
    int code;
    std::string out;  // both streams
  };
  std::string program() const {
    char self[4096];
    const auto length = readlink("/proc/self/exe", self, sizeof self);
    const std::string folder(self, static_cast<std::size_t>(length));
    return folder.substr(0, folder.rfind('/')) + "/tool_data";
  }
  Result run(const std::string& arguments) const {
    const auto command = "COURSE_OFFLINE=1 COLUMNS= COURSE_DATA=" + path + "/home " + program() + " " +
                         arguments + " 2>&1 </dev/null";
    FILE* pipe = popen(command.c_str(), "r");
    Result result{-1, ""};
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.out.append(buffer, n);
    result.code = WEXITSTATUS(pclose(pipe));
    return result;
  }
};

}  // namespace

TEST_CASE_METHOD(Tool, "data list, fetch, verify and rm work offline") {
  const auto list = run("list");
  CHECK(list.code == 0);
  CHECK_THAT(list.out,
             Catch::Contains("MNIST_SAMPLE") && Catch::Contains("  bundled: a sample of 2,102 of its\n"));
  const auto fetch = run("fetch TITANIC ml_sample");
  CHECK(fetch.code == 0);
  CHECK_THAT(fetch.out, Catch::Contains(path + "/home/bundled/titanic\n") &&
                            Catch::Contains(path + "/home/bundled/movie_lens_sample\n"));
  CHECK(run("verify").code == 0);
  write_file(path + "/home/bundled/titanic/train.csv", "changed");
  const auto verify = run("verify TITANIC");
  CHECK(verify.code == 4);
  CHECK_THAT(verify.out,
             Catch::Contains("train.csv was changed") &&
                 Catch::Contains("error: [data] 1 damaged: TITANIC\n") &&
                 Catch::Contains("try:   ./course data rm TITANIC, and the next use makes it anew\n"));
  write_file(path + "/home/records/bundled-titanic.txt", "course data record 1\nsource");
  CHECK_THAT(run("verify").out,
             Catch::Contains("records/bundled-titanic.txt: a damaged record: it is cut off\n") &&
                 Catch::Contains("ML_SAMPLE                ok\n"));
  CHECK(run("rm TITANIC").code == 0);
  CHECK_FALSE(exists(path + "/home/bundled/titanic"));
  CHECK_THAT(run("list --json").out, Catch::Contains("\"here\":\"bundled\",\"name\":\"ML_SAMPLE\""));
  CHECK(run("rm --all").code == 0);
  CHECK(names_in(path + "/home/bundled").empty());
}

TEST_CASE_METHOD(Tool, "data add takes a good archive and leaves nothing of a refused one") {
  write_file(path + "/birds.tgz", Tar().add("birds/a.txt", "x").tgz());
  const auto added = run("add " + path + "/birds.tgz");
  CHECK(added.code == 0);
  CHECK(added.out == path + "/home/data/birds\n");
  CHECK_THAT(run("list").out, Catch::Contains("birds") && Catch::Contains("added"));
  CHECK(run("verify birds").code == 0);
  write_file(path + "/home/data/birds/a.txt", "y");
  CHECK_THAT(run("verify birds").out, Catch::Contains("try:   ./course data add birds.tgz\n"));
  write_file(path + "/evil.tgz", Tar().add("a", "x").add("../evil", "x").tgz());
  const auto refused = run("add " + path + "/evil.tgz");
  CHECK(refused.code == 4);
  CHECK_THAT(
      refused.out,
      Catch::StartsWith("error: [data] evil.tgz is refused: '../evil' climbs out of its folder\ntry:   "));
  CHECK(names_in(path + "/home/data") == std::vector<std::string>{"birds"});
  CHECK(names_in(path + "/home/archive") == std::vector<std::string>{"birds.tgz", "birds.tgz.sha256"});
  CHECK(names_in(path + "/home/records") == std::vector<std::string>{"data-birds.txt"});
  CHECK(run("rm birds").code == 0);
  CHECK(names_in(path + "/home/data").empty());
  write_file(path + "/birds.tar.gz", Tar().add("birds/a.txt", "x").tgz());
  CHECK(run("add " + path + "/birds.tar.gz").code == 0);
  CHECK(run("rm birds").code == 0);
  CHECK(names_in(path + "/home/archive").empty());
}

TEST_CASE_METHOD(Tool, "data add takes endings in capitals, and says what to do with other archives") {
  write_file(path + "/DCIM.ZIP", small_zip("a.txt", "x"));
  CHECK(run("add " + path + "/DCIM.ZIP").out == path + "/home/data/DCIM\n");
  CHECK(run("verify DCIM").code == 0);
  CHECK(run("rm DCIM").code == 0);
  CHECK(names_in(path + "/home/archive").empty());
  write_file(path + "/a.rar", "x");
  CHECK(run("add " + path + "/a.rar").out ==
        "error: [data] a.rar: expected a file that ends in .tgz, .tar.gz, .tar or .zip\n"
        "try:   unpack it by hand and pack its folder: tar czf birds.tgz birds, then: ./course data add "
        "birds.tgz\n");
}

TEST_CASE_METHOD(Tool, "data list and the help fit into 80 columns, and list and verify make nothing") {
  for (const char* command : {"list", "--help", "list --help", "add --help", "rm --help"}) {
    std::istringstream lines(run(command).out);
    for (std::string line; std::getline(lines, line);)
      if (!line.starts_with("data folder: ")) {
        INFO(line);
        CHECK(line.size() <= 80);
      }
  }
  CHECK(run("verify").code == 0);
  CHECK_FALSE(exists(path + "/home"));
}

TEST_CASE_METHOD(Tool, "data add that is stopped by Ctrl-C ends soon with 130 and leaves nothing") {
  Tar many;
  for (int i = 0; i < 60'000; ++i) many.add("many/" + std::to_string(i), "");
  write_file(path + "/many.tgz", many.tgz());
  const auto tool = program(), file = path + "/many.tgz", data = path + "/home/data";
  const pid_t child = fork();
  if (child == 0) {
    setenv("COURSE_DATA", (path + "/home").c_str(), 1);
    if (!std::freopen("/dev/null", "w", stderr)) _exit(1);
    execl(tool.c_str(), tool.c_str(), "add", file.c_str(), nullptr);
    _exit(1);
  }
  const auto files_in_draft = [&] {
    if (!is_folder(data) || names_in(data).empty()) return false;
    const auto draft = data + "/" + names_in(data)[0] + "/many";
    return is_folder(draft) && names_in(draft).size() > 100;
  };
  for (int i = 0; i < 20'000 && !files_in_draft(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(kill(child, SIGINT) == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  for (const char* folder : {"/home/data", "/home/archive", "/home/records"})
    CHECK(names_in(path + folder).empty());
}

TEST_CASE_METHOD(Tool, "what was begun or refused of an unlisted address is listed and can be removed") {
  const Home home(path + "/home");
  const auto archive = path + "/home/archive/";
  write_file(archive + "birds.tgz.part", "half");
  write_file(archive + "birds.tgz.part.from", "https://example.org/birds.tgz\n\"1\"\n");
  write_file(archive + "trees.zip.bad", "refused");
  write_file(archive + "mnist_png.tgz", "damaged");
  CHECK_THAT(run("list").out, Catch::Contains(minitorch::format("%-23s %9s  partly here", "birds", "?")));
  CHECK_THAT(
      run("list --json").out,
      Catch::Contains("\"name\":\"birds\",\"stand_in\":\"\",\"url\":\"https://example.org/birds.tgz\"") &&
          Catch::Contains("\"name\":\"trees\",\"stand_in\":\"\",\"url\":\"\""));
  // An archive without its folder is looked at as well.
  const auto verify = run("verify");
  CHECK(verify.code == 4);
  CHECK_THAT(verify.out, Catch::Contains("MNIST                    DAMAGED\n") &&
                             Catch::Contains("birds                    partly here\n") &&
                             Catch::Contains("try:   ./course data fetch MNIST --force\n"));
  CHECK(run("rm birds.tgz").out == "birds                    38 B freed\n");
  CHECK(names_in(path + "/home/archive") == std::vector<std::string>{"mnist_png.tgz", "trees.zip.bad"});
  CHECK(run("rm --all").code == 0);
  CHECK(names_in(path + "/home/archive").empty());
}

TEST_CASE_METHOD(Tool,
                 "rm takes away archives whose names have no ending, and what was added as a#b or a?b") {
  for (const char* name : {"birds#2.tgz", "a?b.tgz"}) {
    write_file(path + "/" + name, Tar().add("birds/a.txt", "x").tgz());
    CHECK(run("add '" + path + "/" + name + "'").code == 0);
  }
  CHECK(names_in(path + "/home/data") == std::vector<std::string>{"a_b", "birds_2"});
  // As a fetch of https://example.org/download?id=1 leaves it.
  make_folders(path + "/home/data/download");
  write_file(path + "/home/archive/download", "archive");
  write_file(path + "/home/archive/download.sha256", "hash");
  write_file(path + "/home/records/data-download.txt",
             "course data record 1\nsource https://example.org/download?id=1\nsha256 hash\nbytes 7\n");
  write_file(path + "/home/archive/mine.txt", "not ours");
  CHECK_THAT(run("list --json").out, Catch::Contains("\"url\":\"https://example.org/download?id=1\""));
  CHECK(run("rm birds_2 a_b 'https://example.org/download?id=1'").code == 0);
  CHECK(names_in(path + "/home/archive") == std::vector<std::string>{"mine.txt"});
  CHECK(names_in(path + "/home/data").empty());
  CHECK(names_in(path + "/home/records").empty());
}

TEST_CASE_METHOD(Tool, "names that are not UTF-8 do not end data list --json or data verify --json") {
  const Home home(path + "/home");
  make_folders(path + "/home/data/v\xf6gel");
  for (const char* command : {"list --json", "verify --json"}) {
    const auto result = run(command);
    INFO(result.out);
    CHECK_THAT(result.out, Catch::Contains("\"name\":\"v\xef\xbf\xbdgel\""));
  }
  CHECK(run("list --json").code == 0);
}

TEST_CASE_METHOD(Tool, "bad usage ends with 2 and a suggestion") {
  for (const auto& [arguments, hint] : {std::pair<std::string, std::string>{"lsit", "did you mean list?"},
                                        {"fetch --forse MNIST", "did you mean --force?"},
                                        {"fetch MNIST_SMPLE", "did you mean MNIST_SAMPLE?"},
                                        {"fetch", "./course data --help"},
                                        {"", "./course data --help"},
                                        {"rm", "./course data rm NAME"}}) {
    const auto result = run(arguments);
    INFO(arguments << "\n" << result.out);
    CHECK(result.code == 2);
    CHECK_THAT(result.out,
               Catch::StartsWith("error: ") && Catch::Contains("try:   ") && Catch::Contains(hint));
  }
  CHECK(run("--help").code == 0);
  CHECK(run("--version").out == "0.1.0\n");
  CHECK(run("fetch CIFAR").code == 4);
}
