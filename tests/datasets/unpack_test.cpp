// SPDX-License-Identifier: MIT
#include "datasets/unpack.h"

#include <sys/stat.h>
#include <catch2/catch.hpp>
#include <clocale>

#include "archives.h"
#include "datasets/watcher.h"
#include "minitorch/core/errors.h"

using namespace datasets;

namespace {

std::vector<Member> unpack_text(const std::string& archive, const std::string& folder = "",
                                UnpackLimits limits = {}) {
  return unpack_memory(archive.data(), archive.size(), folder, limits);
}

// What the refusal says after "[data] the archive is refused: ".
std::string refusal(const std::string& archive, UnpackLimits limits = {}) {
  try {
    unpack_text(archive, "", limits);
  } catch (const RefusedArchive& error) {
    CHECK(error.exit_code() == 4);
    const std::string start = "[data] the archive is refused: ";
    REQUIRE(std::string(error.what()).starts_with(start));
    return std::string(error.what()).substr(start.size());
  }
  return "";
}

}  // namespace

TEST_CASE("tar, tar.gz and zip are unpacked, with fresh permissions") {
  TempHome home;
  const Tar tar = Tar()
                      .folder("top/")
                      .add("top/a/b.txt", "hello")
                      .add("./top//c.txt", std::string(100'000, 'c'))
                      .add("top/empty", "");
  for (const auto& archive : {tar.tar(), tar.tgz()}) {
    const auto folder = home.path + "/" + std::to_string(archive.size());
    make_folders(folder);
    const auto members = unpack_text(archive, folder);
    REQUIRE(members.size() == 3);
    CHECK(members[0].path == "top/a/b.txt");
    CHECK(members[0].size == 5);
    CHECK(members[0].crc == 0x3610a686);
    CHECK(members[1].path == "top/c.txt");
    CHECK(read_file(folder + "/top/a/b.txt") == "hello");
    CHECK(file_size(folder + "/top/c.txt") == 100'000);
    CHECK(file_size(folder + "/top/empty") == 0);
    struct stat info;
    REQUIRE(::stat((folder + "/top/a/b.txt").c_str(), &info) == 0);
    CHECK((info.st_mode & 0133) == 0);  // the archive says 0777
  }
  make_folders(home.path + "/zip");
  CHECK(unpack_text(small_zip("z/file.txt", "zipped"), home.path + "/zip").size() == 1);
  CHECK(read_file(home.path + "/zip/z/file.txt") == "zipped");
}

TEST_CASE("a member that would leave the folder is refused") {
  CHECK(refusal(Tar().add("../evil", "x").tar()) == "'../evil' climbs out of its folder");
  CHECK(refusal(Tar().add("a/../../evil", "x").tar()) == "'a/../../evil' climbs out of its folder");
  CHECK(refusal(Tar().add("a/..", "x").tar()) == "'a/..' climbs out of its folder");
  CHECK(refusal(Tar().folder("..").tar()) == "'..' climbs out of its folder");
  CHECK(refusal(Tar().add("/etc/evil", "x").tar()) == "'/etc/evil' is an absolute or an empty path");
  CHECK(refusal(Tar().add("a\\..\\b", "x").tar()) == "'a\\..\\b' holds a control character or a backslash");
  CHECK(refusal(Tar().add("a\nb", "x").tar()) == "'a?b' holds a control character or a backslash");
  CHECK(refusal(small_zip("../evil", "x")) == "'../evil' climbs out of its folder");
  CHECK(refusal(small_zip("/evil", "x")) == "'/evil' is an absolute or an empty path");
}

TEST_CASE("links, devices and pipes are refused") {
  CHECK(refusal(Tar().add("a", "", '2', "/etc/passwd").tar()) == "'a' is a link");
  CHECK(refusal(Tar().add("b", "x").add("a", "", '1', "b").tar()) == "'a' is a link");
  CHECK(refusal(Tar().add("a", "", '3').tar()) == "'a' is a device or another special file");
  CHECK(refusal(Tar().add("a", "", '4').tar()) == "'a' is a device or another special file");
  CHECK(refusal(Tar().add("a", "", '6').tar()) == "'a' is a device or another special file");
}

TEST_CASE("names that are one name on some disks are refused") {
  CHECK(refusal(Tar().add("A/x", "1").add("a/y", "2").tar()) == "'a' and 'A' differ in case only");
  CHECK(refusal(Tar().add("x.png", "1").add("X.png", "2").tar()) ==
        "'X.png' and 'x.png' differ in case only");
  CHECK(refusal(Tar().add("x", "1").add("x/y", "2").tar()) == "'x' is in it twice");
  CHECK(refusal(Tar().folder("x").add("x", "2").tar()) == "'x' is in it twice");
  CHECK(refusal(Tar().folder("x").folder("x").add("x/y", "2").tar()) == "");  // a folder may come again
}

TEST_CASE("of a file that was appended to a tar once more the last version counts") {
  TempHome home;
  const auto members = unpack_text(
      Tar().add("a/x", "old and longer").add("y", "y").add("./a/x", "new").add("a/x", "last").tgz(),
      home.path);
  REQUIRE(members.size() == 2);
  CHECK(members[0].path == "a/x");
  CHECK(members[0].size == 4);
  CHECK(members[0].crc == crc32(0, reinterpret_cast<const Bytef*>("last"), 4));
  CHECK(members[1].path == "y");
  CHECK(read_file(home.path + "/a/x") == "last");
  // What it could lead elsewhere with is refused as ever, and every version counts for the size.
  CHECK(refusal(Tar().add("x", "1").add("x", "", '2', "/etc/passwd").tar()) == "'x' is a link");
  CHECK(refusal(Tar().add("x", "1").add("x", "", '1', "y").tar()) == "'x' is a link");
  CHECK(refusal(Tar().add("x", "1").add("X", "2").tar()) == "'X' and 'x' differ in case only");
  CHECK(refusal(Tar().add("x", "1").folder("x").tar()) == "'x' is in it twice");
  CHECK(refusal(Tar().add("x", std::string(600, 'x')).add("x", std::string(600, 'x')).tar(),
                {.bytes = 1000}) == "it grows beyond 1.0 kB when unpacked");
}

TEST_CASE("too many, too deep, too big is refused") {
  Tar many;
  for (int i = 0; i < 11; ++i) many.add(std::to_string(i), "");
  CHECK(refusal(many.tar(), {.entries = 10}) == "more than 10 entries");
  CHECK(refusal(many.tar(), {.entries = 11}) == "");
  CHECK(refusal(Tar().add("a/b/c/d", "").tar(), {.depth = 3}) == "more than 3 folders deep");
  CHECK(refusal(Tar().add("big", std::string(1000, 'x')).tar(), {.bytes = 999}) ==
        "it grows beyond 999 B when unpacked");
  CHECK(refusal(Tar().add("a", std::string(600, 'x')).add("b", std::string(600, 'x')).tar(),
                {.bytes = 1000}) == "it grows beyond 1.0 kB when unpacked");
  // Claims of a size that does not come.
  CHECK(refusal(Tar().add("a", "x", '0', "", int64_t{1} << 32).tar(), {.bytes = 1000}) ==
        "it grows beyond 1.0 kB when unpacked");
}

TEST_CASE("a bomb is stopped at the limit, before it fills the disk") {
  TempHome home;
  const auto bomb = Tar().add("bomb", std::string(80 << 20, '\0')).tgz();
  REQUIRE(bomb.size() < 300'000);
  CHECK_THROWS_WITH(
      unpack_text(bomb, home.path, {.bytes = unpacked_limit(static_cast<int64_t>(bomb.size()))}),
      Catch::Contains("it grows beyond"));
  CHECK(std::max<int64_t>(0, file_size(home.path + "/bomb")) < 70 << 20);
}

TEST_CASE("an unpacking tells how far it is, in steps that grow up to the whole") {
  TempHome home;
  Tar tar;
  for (int i = 0; i < 300; ++i) tar.add(std::to_string(i), std::string(1000, static_cast<char>(i)));
  write_file(home.path + "/many.tar", tar.tar());
  struct Steps : Watcher {
    void progress(const std::string& what, int64_t done, int64_t total) override {
      CHECK(what == "many.tar");
      CHECK(total == 300 * (512 + 1024) + 1024);
      CHECK(done > last);
      last = done;
      ++count;
    }
    int64_t last = 0;
    int count = 0;
  } steps;
  make_folders(home.path + "/out");
  CHECK(unpack(home.path + "/many.tar", home.path + "/out", {}, &steps).size() == 300);
  CHECK(steps.last == file_size(home.path + "/many.tar"));
  CHECK(steps.count > 50);
  CHECK(steps.count <= 101);
}

TEST_CASE("damaged archives and other files are refused") {
  const auto good = Tar().add("a", std::string(5000, 'x')).add("b", "y").tgz();
  for (std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{10}, good.size() / 2}) {
    INFO(cut);
    CHECK(refusal(good.substr(0, cut)) != "");
  }
  CHECK_THAT(refusal("<html><body>Not found</body></html>"), Catch::Contains("damaged or no archive"));
  CHECK_THAT(refusal(Tar::gzip("just text")), Catch::Contains("damaged or no archive"));
  CHECK_THAT(refusal(Tar().tar()), Catch::Contains("no"));
  auto flipped = good;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x55);
  CHECK(refusal(flipped) != "");
  TempHome home;
  CHECK_THROWS_WITH(unpack(home.path + "/none.tgz", "", {}), "[data] no file " + home.path + "/none.tgz");
}

TEST_CASE("a byte that changed on the way is noticed by gzip's checksum and by zip's") {
  const auto good =
      Tar::gzip(Tar().add("a", std::string(5000, 'x')).tar(), 0);  // stored: the bytes as they are
  CHECK(refusal(good) == "");
  auto changed = good;
  changed[changed.find(std::string(1000, 'x')) + 500] = 'y';
  CHECK(refusal(changed) == "damaged or no archive (gzip: incorrect data check)");
  auto checksum = good;
  checksum[checksum.size() - 8] ^= 1;
  CHECK(refusal(checksum) == "damaged or no archive (gzip: incorrect data check)");
  auto length = good;
  length[length.size() - 4] ^= 1;
  CHECK(refusal(length) == "damaged or no archive (gzip: incorrect length check)");
  for (std::size_t lost = 1; lost <= 9; ++lost)
    CHECK(refusal(good.substr(0, good.size() - lost)) ==
          "damaged or no archive (gzip: unexpected end of file)");
  // Where the tar ends long before its stream, and where the stream is packed in two.
  auto behind = Tar::gzip(Tar().add("a", "x").tar() + std::string(1 << 20, '\0'), 0);
  CHECK(refusal(behind) == "");
  behind[behind.size() - 10] ^= 1;
  CHECK(refusal(behind) == "damaged or no archive (gzip: incorrect data check)");
  const auto tar = Tar().add("a", std::string(5000, 'x')).tar();
  CHECK(refusal(Tar::gzip(tar.substr(0, 3000)) + Tar::gzip(tar.substr(3000))) == "");
  CHECK(refusal(Tar::gzip(Tar().add("a", "x").tar() + std::string(8 << 20, '\0')), {.bytes = 4 << 20}) ==
        "it grows beyond 4.2 MB when unpacked");

  auto zip = small_zip("file.txt", "zipped");
  zip[zip.find("zipped")] = 'Z';
  CHECK_THAT(refusal(zip), Catch::StartsWith("damaged or no archive (ZIP bad CRC"));
}

TEST_CASE("names in UTF-8 are written as such in every locale") {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  REQUIRE(std::setlocale(LC_ALL, "C"));
  TempHome home;
  CHECK(unpack_text(small_zip("bär/é.txt", "x"), home.path).at(0).path == "bär/é.txt");
  CHECK(read_file(home.path + "/bär/é.txt") == "x");
  // In a tar's own header for them, too.
  const Tar tar = Tar().add("pax", "17 path=tür.txt\n", 'x').add("t", "y");
  CHECK(unpack_text(tar.tgz(), home.path).at(0).path == "tür.txt");
  CHECK(std::setlocale(LC_ALL, nullptr) == std::string("C"));
  std::setlocale(LC_ALL, before.c_str());
}
