// SPDX-License-Identifier: MIT
#include "fastcore/basics/path.h"
#include "tests/temp_folder.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

using namespace fastcore;
using Words = L<std::string>;

namespace {

struct Folder : private TempFolder {
  const Path path = TempFolder::path;
};

Words names(const L<Path>& paths, const Path& base) {
  return paths.map([&](const Path& p) { return p.relative_to(base).str(); });
}

}  // namespace

TEST_CASE("a path is taken apart as pathlib does") {
  Path path("a/b.tar.gz");
  CHECK(path.name() == "b.tar.gz");
  CHECK(path.stem() == "b.tar");
  CHECK(path.suffix() == ".gz");
  CHECK(path.parent() == "a");
  CHECK(Path("b").parent() == ".");
  CHECK(Path("/a").parent() == "/");
  CHECK(Path("/").name() == "");
  CHECK(Path(".hidden").suffix() == "");
  CHECK(Path("a/").name() == "a");
  CHECK(path.with_suffix(".zip") == "a/b.tar.zip");
  CHECK(Path("b.png").with_name("c.png") == "c.png");
  CHECK(Path("a") / "b" / "c.png" == "a/b/c.png");
  CHECK(Path("a") / "/b" == "/b");
  CHECK(Path("/") / "b" == "/b");
  CHECK(Path("a//./b/").parts() == Words{"a", "b"});
  CHECK(Path("/a/b/c").relative_to("/a") == "b/c");
  CHECK_THROWS_WITH(Path("/a/b").relative_to("/c"), "[Path] relative_to: '/a/b' is not below '/c'");
  CHECK(Path("/a/b").relpath("/a/c/d") == "../../b");
  CHECK(Path("a/b.png").repr() == "Path('a/b.png')");
  Path::base_path() = "/data/course";
  CHECK(Path("/data/course/mnist/train").repr() == "Path('mnist/train')");
  CHECK(Path("/data/courses").repr() == "Path('/data/courses')");
  Path::base_path() = "";
}

TEST_CASE("files are written, read and removed") {
  Folder folder;
  auto file = folder.path / "x" / "y" / "note.txt";
  file.mk_write("one\ntwo\n");
  CHECK(file.read_text() == "one\ntwo\n");
  CHECK(file.readlines() == Words{"one", "two"});
  CHECK(file.size() == 8);
  CHECK(file.is_file());
  file.write_text("new");
  CHECK(file.read_text() == "new");
  CHECK(file.parent().ls().size() == 1);  // no draft is left beside it
  auto copy = file.copy(folder.path / "copy.txt");
  CHECK(copy.rename(folder.path / "moved.txt").read_text() == "new");
  file.unlink();
  CHECK_FALSE(file.exists());
  CHECK_THROWS_WITH(file.unlink(), "[Path] cannot remove " + file.str() + ": No such file or directory");
  file.remove();  // silent
  (folder.path / "x").remove();
  CHECK_FALSE((folder.path / "x").exists());
  CHECK_THROWS_WITH(file.read_text(), "[Path] cannot read " + file.str() + ": No such file or directory");
  CHECK_THROWS_WITH(folder.path.read_text(), Catch::Contains("Is a directory"));
  CHECK_THROWS_AS(file.write_text("no folder"), minitorch::FileError);
}

TEST_CASE("mkdir makes what it is told to") {
  Folder folder;
  auto deep = folder.path / "a" / "b";
  CHECK_THROWS_WITH(deep.mkdir(), Catch::Contains("No such file or directory"));
  CHECK(deep.mkdir({.parents = true}) == deep);
  CHECK_THROWS_WITH(deep.mkdir(), Catch::Contains("File exists"));
  (deep / "f").write_text("");
  deep.mkdir({.exist_ok = true});
  CHECK((deep / "f").exists());
  const auto advice = [](const Path& path, bool parents) -> std::string {
    try {
      path.mkdir({.parents = parents, .exist_ok = true});
    } catch (const minitorch::FileError& error) { return error.hint(); }
    return "";
  };
  CHECK(advice(folder.path / "c" / "d", false) == "say .parents = true to make its parents too");
  for (const Path& path : {deep / "f", deep / "f" / "g"})
    CHECK(advice(path, true) ==
          (deep / "f").str() + " is a file: take another folder, or move the file away");
  CHECK(advice("/proc/none/here", true) == "nothing can be made in /proc: take another folder");
  deep.mkdir({.overwrite = true});
  CHECK(deep.is_dir());
  CHECK_FALSE((deep / "f").exists());
}

TEST_CASE("folders are listed, files are found") {
  Folder folder;
  for (auto* name : {"b.txt", "train/3/1.PNG", "train/3/0.png", "train/7/2.jpeg", "train/.hidden/3.png",
                     "valid/3/9.png", "valid/notes.csv", ".secret.png", "top.png"})
    (folder.path / name).mk_write("x");
  CHECK(names(folder.path.ls(), folder.path) == Words{".secret.png", "b.txt", "top.png", "train", "valid"});
  CHECK(folder.path.ls({.n_max = 2}).size() == 2);
  CHECK(names(folder.path.ls({.file_type = "image"}), folder.path) == Words{".secret.png", "top.png"});
  CHECK(names(folder.path.ls({.file_exts = {".txt"}}), folder.path) == Words{"b.txt"});
  CHECK(names(get_image_files(folder.path), folder.path) ==
        Words{"top.png", "train/3/0.png", "train/3/1.PNG", "train/7/2.jpeg", "valid/3/9.png"});
  CHECK(names(get_files(folder.path, {.recurse = false}), folder.path) == Words{"b.txt", "top.png"});
  CHECK(names(get_files(folder.path, {.folders = {"valid"}}), folder.path) ==
        Words{"valid/3/9.png", "valid/notes.csv"});
  CHECK(names(get_files(folder.path, {.extensions = {".png"}, .folders = {"valid", "."}}), folder.path) ==
        Words{"top.png", "valid/3/9.png"});
  CHECK(names(get_text_files(folder.path), folder.path) == Words{"b.txt"});
  CHECK_THROWS_WITH(
      get_image_files(folder.path / "none"),
      "[Path] cannot read the folder " + (folder.path / "none").str() + ": No such file or directory");
  const auto hint_of = [](const Path& path) {
    try {
      get_image_files(path);
    } catch (const minitorch::FileError& error) { return error.hint(); }
    return std::string("no exception");
  };
  CHECK(hint_of(folder.path / "none" / "at" / "all") ==
        "see what is there: ls " + folder.path.resolve().str());
  CHECK(hint_of(folder.path / "top.png") ==
        "a folder is wanted, and this is a file: take the one it lies in, " + folder.path.str());
  CHECK(get_image_files(folder.path / "train" / "3").map(&Path::name) == Words{"0.png", "1.PNG"});
}

TEST_CASE("a link in a circle ends, a link elsewhere is followed") {
  Folder folder;
  (folder.path / "real" / "a.png").mk_write("x");
  REQUIRE(symlink("real", (folder.path / "link").c_str()) == 0);
  CHECK(get_image_files(folder.path).size() == 2);
  CHECK(get_files(folder.path, {.followlinks = false}).size() == 1);
  REQUIRE(symlink(".", (folder.path / "circle").c_str()) == 0);
  CHECK(get_image_files(folder.path).size() == 2);  // not round and round
}
