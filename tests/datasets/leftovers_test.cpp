// SPDX-License-Identifier: MIT
// What a kill leaves behind, and disks that are full.
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "datasets/draft.h"
#include "fetch_fixture.h"

// Stands in for the system's, so that a test sees when the disk is asked, and can let it fail.
static std::function<int()> on_syncfs;
extern "C" int syncfs(int fd) noexcept {
  return on_syncfs ? on_syncfs() : static_cast<int>(syscall(SYS_syncfs, fd));
}

namespace {

using Names = std::vector<std::string>;

struct Leftovers : Fixture {
  FakeServer server{[this](auto& request, Client& client) { client.file(request, archive, "\"1\""); }};
  std::string folder = fetch_from(server.url("/birds.tgz"));

  // What kills between the steps of a fetch and of an add leave.
  void leave_everything() const {
    make_folders(home.path + "/data/.unpacking-birds-4711/birds");
    make_folders(home.path + "/data/.unpacking-birds-4711.old");
    make_folders(home.path + "/bundled/.unpacking-birds-12");
    write_file(archive_path() + ".part", "half a copy");
    write_file(archive_path() + ".sha256.tmp-4711-0", "half");
    write_file(home.path + "/records/data-birds.txt.tmp-4711-1", "half");
  }
  void check_swept() const {
    check_whole(home.path + "/data/birds");
    CHECK(names_in(home.path + "/archive") == Names{"birds.tgz", "birds.tgz.sha256"});
    CHECK(names_in(home.path + "/bundled").empty());
    CHECK(names_in(home.path + "/records") == Names{"data-birds.txt"});
  }
};

}  // namespace

TEST_CASE_METHOD(Leftovers, "what a kill leaves is swept by the next call, also when the folder is whole") {
  leave_everything();
  CHECK(fetch(set, options) == folder);
  check_swept();
  leave_everything();
  options.force = true;
  CHECK(fetch(set, options) == folder);
  check_swept();
  leave_everything();
  remove(set, Home(home.path));
  CHECK(names_in(home.path + "/data").empty());
  CHECK(names_in(home.path + "/bundled").empty());
  CHECK(names_in(home.path + "/archive").empty());
}

TEST_CASE_METHOD(Leftovers, "what another process is at, or another data set, stays") {
  const Home place(home.path);
  const auto part = archive_path() + ".part";
  {
    const FolderLock lock(
        place.lock("birds"), [](void*, int) {}, nullptr);
    leave_everything();
    CHECK(fetch(set, options) == folder);
    CHECK(leftovers(set, place).size() == 6);
    CHECK(FolderLock::if_free(place.lock("birds")) == nullptr);
  }
  CHECK(fetch(set, options) == folder);
  check_swept();
  // The drafts of birds-2 and of birds-160, and a download that can be gone on with.
  make_folders(home.path + "/data/.unpacking-birds-2-4711");
  make_folders(home.path + "/data/.unpacking-birds-160-");
  write_file(part, "half");
  write_file(part + ".from", set.url + "\n\"1\"\n");
  CHECK(leftovers(set, place).empty());
}

TEST_CASE_METHOD(Fixture, "an add that was killed leaves no half copy for the next") {
  const auto file = home.path + "/birds.tgz";
  write_file(file, archive);
  const Home place(home.path);
  write_file(archive_path() + ".part", archive.substr(0, 1000));
  make_folders(home.path + "/data/.unpacking-birds-4711");
  CHECK(add_archive(file, options) == home.path + "/data/birds");
  CHECK(names_in(home.path + "/archive") == Names{"birds.tgz", "birds.tgz.sha256"});
  CHECK(names_in(home.path + "/data") == Names{"birds"});
}

TEST_CASE_METHOD(Fixture, "the disks that are asked for room are those that config.ini names") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  make_folders(home.path + "/elsewhere");
  const auto config = "[DEFAULT]\ndata = " + home.path + "/unpacked\narchive = " + home.path + "/kept\n";
  write_file(home.path + "/config.ini", config);
  set.bytes = int64_t{1} << 58;
  try {
    fetch_from(server.url("/birds.tgz"));
    FAIL("no exception");
  } catch (const minitorch::FileError& error) {
    CHECK_THAT(error.what(), Catch::StartsWith("[data] BIRDS needs 1152921.5 TB of disk: ") &&
                                 Catch::EndsWith(" are free in " + home.path + "/kept/"));
    CHECK_THAT(error.hint(),
               Catch::Contains("export COURSE_DATA=") && Catch::EndsWith("in " + home.path + "/config.ini"));
    CHECK(error.exit_code() == 4);
  }
  // Unpacked, it goes to another disk, which has to hold three times as much.
  struct stat other;
  if (::stat("/dev/shm", &other) != 0 || ::access("/dev/shm", W_OK) != 0 ||
      on_one_disk("/dev/shm", home.path))
    return;
  const int64_t here = free_bytes(home.path), there = free_bytes("/dev/shm");
  const std::string kept = here > there ? home.path + "/kept" : "/dev/shm/datasets_test_kept";
  const std::string unpacked = here > there ? "/dev/shm/datasets_test_unpacked" : home.path + "/unpacked";
  write_file(home.path + "/config.ini", "[DEFAULT]\ndata = " + unpacked + "\narchive = " + kept + "\n");
  set.bytes = std::min(here, there) / 2;
  CHECK_THROWS_WITH(fetch_from(server.url("/birds.tgz")), Catch::EndsWith(" are free in " + unpacked + "/"));
  datasets::remove_all("/dev/shm/datasets_test_kept");
  datasets::remove_all("/dev/shm/datasets_test_unpacked");
  CHECK(server.requests().empty());
}

TEST_CASE_METHOD(Fixture, "an archive that is added is compared with the room before it is copied") {
  const auto file = home.path + "/birds.tgz";
  write_file(file, archive);
  write_file(home.path + "/config.ini", "[DEFAULT]\narchive = /proc\n");  // where there is never any
  CHECK_THROWS_WITH(add_archive(file, options),
                    "[data] birds.tgz needs 3.1 MB of disk: 0 B are free in /proc/");
  CHECK(names_in(home.path + "/data").empty());
}

TEST_CASE_METHOD(Fixture, "a disk that is full in mid-transfer is no network error: what came stays") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  set.url = server.url("/birds.tgz");
  set.mirrors = {server.url("/mirror/birds.tgz")};
  set.bundled = "titanic.tgz";
  const auto part = archive_path() + ".part";
  const pid_t child = fork();
  if (child == 0) {  // files may not grow beyond a megabyte, as on a disk with no more room
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    setrlimit(RLIMIT_FSIZE, &limit);
    int code = 1;
    try {
      fetch(set, options);
    } catch (const NetworkError& error) { code = 2; } catch (const minitorch::FileError& error) {
      code = error.what() == "[data] cannot write " + part + ": File too large" &&
                     error.hint() == "make room, or put the data elsewhere: export COURSE_DATA=/a/bigger/disk"
                 ? error.exit_code()
                 : 3;
    }
    _exit(code);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 4);
  CHECK(server.requests().size() == 1);  // the mirror would fill the same disk
  CHECK(file_size(part) == 1 << 20);
  CHECK_FALSE(exists(home.path + "/bundled/birds"));
  check_whole(fetch(set, options));
  CHECK(server.requests().at(1).range_start() == 1 << 20);
}

TEST_CASE_METHOD(Leftovers, "files are on the disk before their folder gets its name") {
  int calls = 0;
  datasets::remove_all(folder);
  on_syncfs = [&] {
    ++calls;
    CHECK_FALSE(exists(folder));
    return 0;
  };
  check_whole(fetch(set, options));
  CHECK(calls == 1);
  // A disk that fails is said, and leaves what was there.
  on_syncfs = [] {
    errno = EIO;
    return -1;
  };
  options.force = true;
  CHECK_THROWS_WITH(fetch(set, options), Catch::Contains("Input/output error"));
  check_whole(folder);
  // Some file systems have nothing to do.
  on_syncfs = [] {
    errno = ENOSYS;
    return -1;
  };
  check_whole(fetch(set, options));
  on_syncfs = {};
}
