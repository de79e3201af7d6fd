// SPDX-License-Identifier: MIT
#include "fastcore/image/files.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "fastcore/basics/interrupt.h"
#include "fastcore/image/decode.h"
#include "tests/image/pictures.h"

namespace fastcore {
namespace {

namespace fs = std::filesystem;

TEST_CASE("verify_images returns the bad ones in order") {
  TempFolder folder;
  noise(10, 10, 3).save(folder / "good.png");
  auto bytes = slurp(test_file("plain.jpg"));
  bytes.resize(bytes.size() / 2);
  spill(folder / "half.jpg", bytes);
  spill(folder / "empty.png", {});
  spill(folder / "page.jpg", {'<', 'h', 't', 'm', 'l', '>'});
  std::vector<std::string> files = {folder / "page.jpg", folder / "good.png",  folder / "missing.png",
                                    folder / "half.jpg", folder / "empty.png", test_file("plain.jpg")};
  CHECK(verify_images(files) == std::vector<std::string>{files[0], files[2], files[3], files[4]});
  CHECK(verify_image(files[1]));
  CHECK(verify_images(L<Path>{}).empty());
}

TEST_CASE("a pipe with a picture's name is refused, not waited for") {
  TempFolder folder;
  const std::string pipe = folder / "x.png";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  alarm(20);  // in place of waiting for ever
  const std::vector<std::string> files = {pipe};
  CHECK(verify_images(files) == files);
  CHECK_THROWS_WITH(Image::open(pipe), "[Image::open] " + pipe + ": not a file");
  alarm(0);
}

TEST_CASE("resize_image: only what is too large or of other channels is encoded again") {
  TempFolder from, to;
  noise(30, 60, 3).save(from / "large.png");
  noise(20, 25, 3).save(from / "small.png");
  noise(20, 25, 1).save(from / "grey.png");
  spill(from / "bad.jpg", {1, 2, 3});
  ResizeImages options{.max_size = 40, .dest = to.path};
  CHECK(resize_image("large.png", from.path, options));
  CHECK(image_info(to / "large.png").size == Size{20, 40});
  CHECK(Image::open(to / "large.png") == resize(noise(30, 60, 3), {20, 40}));
  CHECK(resize_image("small.png", from.path, options));
  CHECK(slurp(to / "small.png") == slurp(from / "small.png"));  // a copy, byte for byte
  CHECK(resize_image("grey.png", from.path, options));
  CHECK(image_info(to / "grey.png").size == Size{32, 40});  // encoded again, so scaled, even upwards
  CHECK_FALSE(resize_image("bad.jpg", from.path, options));
  CHECK_FALSE(fs::exists(to / "bad.jpg"));
}

TEST_CASE("grey masks keep their codes through resize_images, encoded again or made larger") {
  TempFolder from, to;
  const Image codes = few_codes();
  codes.save(from / "a.png");
  CHECK(resize_images(from.path, {.dest = to.path}) == 1);
  CHECK(Mask::open(to / "a.png").codes() == codes);
  CHECK(resize_images(from.path, {.max_size = 24, .dest = to.path, .filter = Filter::nearest}) == 1);
  CHECK(Mask::open(to / "a.png").codes() == resize(codes, {8, 24}, Filter::nearest));
  CHECK(image_info(to / "a.png").channels == 3);  // as was asked for
}

TEST_CASE("resize_image leaves no half copy, which resume would take for a whole one") {
  TempFolder from, to;
  noise(60, 60, 3).save(from / "a.png");
  const pid_t child = fork();
  if (child == 0) {  // files may not grow beyond 1000 bytes, as on a disk with no more room
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    int code = 1;
    try {
      resize_image("a.png", from.path, {.dest = to.path});
    } catch (const minitorch::FileError&) { code = 0; }
    _exit(code);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(fs::is_empty(to.path));
}

TEST_CASE("resize_images: a whole folder, in place, with folders below") {
  TempFolder folder;
  fs::create_directories(folder / "a/b");
  noise(50, 20, 3).save(folder / "one.png");
  noise(8, 100, 3).save(folder / "a/b/two.jpg");
  spill(folder / "notes.txt", {'h', 'i'});
  CHECK(resize_images(folder.path, {.max_size = 25, .dest = folder.path, .recurse = true}) == 2);
  CHECK(image_info(folder / "one.png").size == Size{25, 10});
  CHECK(image_info(folder / "a/b/two.jpg").size == Size{2, 25});
  CHECK(image_info(folder / "a/b/two.jpg").kind == FileKind::jpeg);
  CHECK(resize_images(folder.path, {.max_size = 25, .dest = folder / "out", .ending = ".jpg"}) == 1);
  CHECK(image_info(folder / "out/one.jpg").kind == FileKind::jpeg);
  CHECK(refusal([&] { resize_images(folder / "no", {}); }) ==
        "[resize_images] " + (folder / "no") + ": not a folder | give the folder that holds the pictures");
}

TEST_CASE("resize_images: resume leaves what is there") {
  TempFolder folder;
  noise(50, 20, 3).save(folder / "one.png");
  fs::create_directories(folder / "out");
  spill(folder / "out/one.png", {'x'});
  CHECK(resize_images(folder.path, {.max_size = 25, .dest = folder / "out", .resume = true}) == 1);
  CHECK(slurp(folder / "out/one.png").size() == 1);
}

TEST_CASE("Ctrl-C ends the work on a folder of pictures; every picture is as it was or whole") {
  TempFolder folder;
  noise(50, 20, 3).save(folder / "one.png");
  set_interrupted(true);
  CHECK_THROWS_AS(verify_images(std::vector<std::string>{folder / "one.png"}), Interrupted);
  CHECK_THROWS_AS(resize_images(folder.path, {.max_size = 25, .dest = folder.path}), Interrupted);
  set_interrupted(false);
  CHECK(image_info(folder / "one.png").size == Size{50, 20});
  CHECK(verify_images(std::vector<std::string>{folder / "one.png"}).empty());
}

}  // namespace
}  // namespace fastcore
