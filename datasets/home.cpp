// SPDX-License-Identifier: MIT
#include "datasets/home.h"

#include <map>

#include "datasets/files.h"
#include "datasets/words.h"
#include "minitorch/core/errors.h"

namespace datasets {
namespace {

const char kConfig[] =
    "[DEFAULT]\n"
    "data = data\n"
    "archive = archive\n"
    "storage = tmp\n"
    "model = models\n";

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// A shell puts HOME in the place of a ~ unless it is quoted, or comes from a file.
std::string with_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const auto home = variable("HOME");
  if (home.empty())
    throw minitorch::FileError("[data] " + path + ": HOME is not set", "export COURSE_DATA=/a/folder");
  return home + path.substr(1);
}

}  // namespace

std::string home_root() {
  if (const auto set = variable("COURSE_DATA"); !set.empty()) return with_home(set);
  const auto home = variable("HOME");
  if (home.empty())
    throw minitorch::FileError("[data] neither COURSE_DATA nor HOME is set", "export COURSE_DATA=/a/folder");
  return home + "/.minitorch_course";
}

Home::Home(const std::string& root, bool make) : root_(root.empty() ? home_root() : root) {
  if (exists(root_) && !is_folder(root_))
    throw minitorch::FileError("[data] the data folder " + root_ + " is a file", kElsewhere);
  const auto config_path = root_ + "/config.ini";
  if (make) {
    make_folders(root_ + "/records");
    make_folders(root_ + "/bundled");
    if (!exists(config_path)) write_file(config_path, kConfig);
  }
  const auto config = exists(config_path) ? read_file(config_path) : kConfig;
  data_ = folder_of(config, "data");
  archive_ = folder_of(config, "archive");
  models_ = folder_of(config, "model");
  if (!make) return;
  for (const auto& folder : {data_, archive_, models_}) make_folders(folder);
}

// `key = value` or `key: value` in the section DEFAULT; relative values are below the root.
std::string Home::folder_of(const std::string& config, const std::string& key) const {
  std::string value = key == "model" ? "models" : key, section;
  int number = 0;
  for (std::size_t at = 0, end; at < config.size(); at = end + 1) {
    ++number;
    end = std::min(config.find('\n', at), config.size());
    const auto line = trimmed(config.substr(at, end - at));
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      section = line;
      continue;
    }
    const auto mark = line.find_first_of("=:");
    if (mark == line.npos)
      throw minitorch::FileError("[data] " + root_ + "/config.ini:" + std::to_string(number) + ": '" + line +
                                     "': expected key = value",
                                 "mend the line, or remove the file: the next call writes it anew");
    if (section == "[DEFAULT]" && lower_case(trimmed(line.substr(0, mark))) == key)
      value = trimmed(line.substr(mark + 1));
  }
  value = with_home(value);
  return value.starts_with('/') ? value : root_ + "/" + value;
}

std::string bundled_file(const std::string& name) {
  const auto chosen = variable("COURSE_BUNDLED");
  const auto folder = chosen.empty() ? MT_SOURCE_DIR "/datasets/bundled" : chosen;
  if (file_size(folder + "/" + name) < 0)
    throw minitorch::FileError(
        "[data] the bundled file " + folder + "/" + name + " is not there",
        "say where the course lies: export COURSE_BUNDLED=/its/folder/datasets/bundled");
  return folder + "/" + name;
}

std::string bundled_sha256(const std::string& name) {
  static const std::map<std::string, std::string> sums{
      {"adult_sample.tgz", "d2a5fd2e1520dc9e20b27cbae40c1a691f1806c1af515306dec6f0bb9adda0e5"},
      {"austen_sample.tgz", "26c48a6ccdc09784dd4213d83b7e41dd403bb1440f952d73756188260e27d91f"},
      {"mnist_png.tgz", "f77335c8494179ca589284a0026a9fe22524be728ef446ca107af3bbabb491b4"},
      {"mnist_sample.tgz", "02dab6a4fb845cc37f5532b8136d1870cc8a20a6189f25d42532ee1b7ff074e9"},
      {"movie_lens_sample.tgz", "9a5a4f73568c0bac3662c24a5a0b78c5f92415a718e401dd8ea258feb8a1fc13"},
      {"photos.tgz", "b38473879db1e102fb0e36fbc5164fe284d81c526dc2a5dbbbe19a8d00b4dc63"},
      {"pictures_sample.tgz", "2438c6eb23da9708e5bc84be2ce06358198618005dde6710f9a5321bfa818bc1"},
      {"titanic.tgz", "c308e84e83c9c3673d9e41caeaab1fc78e21b84a5af7102008ef3be048dbb076"},
      {"voices_sample.tgz", "e8374a3ac2e1dfc41bf050c4a1d739fe67bc67fd4481aa7be52fa6b562ca8b88"},
      {"efficientnet_lite0.safetensors", "6549c8a44c77153a6a9c7ea627ff3963ca5d416555f9a44d716b8d2fa52e0f9d"},
      {"imagenet_classes.txt", "e697a491aa735cc6c2aaf982f8e86e8fc7b0a1ea7750a2cc6a2bdfc1e109012f"},
  };
  const auto at = sums.find(name);
  return at == sums.end() ? "" : at->second;
}

}  // namespace datasets
