// SPDX-License-Identifier: MIT
#include "fastcore/image/files.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <filesystem>

#include "fastcore/basics/interrupt.h"
#include "fastcore/image/decode.h"
#include "fastcore/image/geometry.h"
#include "fastcore/image/png.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/parallel.h"

namespace fastcore {
namespace {

namespace fs = std::filesystem;
using minitorch::FileError;

// A name that can be saved decides the format; others (.jpe, .gif, .bmp ...) keep their name, and a JPEG
// stays one.
void encode_like(const Image& image, const std::string& path, FileKind kind) {
  std::string ending = fs::path(path).extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (ending == ".png" || ending == ".jpg" || ending == ".jpeg") return image.save(path);
  write_whole_file(path,
                   kind == FileKind::jpeg ? encode_jpeg(image, SaveOptions{}.quality) : encode_png(image));
}

}  // namespace

bool verify_image(const std::string& path) {
  try {
    Image::open(path);
    return true;
  } catch (const FileError&) { return false; }
}

std::vector<std::string> verify_images(const std::vector<std::string>& paths) {
  std::vector<char> good(paths.size());
  minitorch::parallel_for(static_cast<int64_t>(paths.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      stop_if_interrupted();
      good[i] = verify_image(paths[i]);
    }
  });
  std::vector<std::string> bad;
  for (size_t i = 0; i < paths.size(); ++i)
    if (!good[i]) bad.push_back(paths[i]);
  return bad;
}

L<Path> verify_images(const L<Path>& files) {
  std::vector<std::string> paths;
  for (const Path& file : files) paths.push_back(file.str());
  L<Path> bad;
  for (const std::string& path : verify_images(paths)) bad.append(Path(path));
  return bad;
}

bool resize_image(const std::string& file, const std::string& source, const ResizeImages& options) {
  if (options.channels != 1 && options.channels != 3)
    throw minitorch::ValueError(
        minitorch::format("[resize_image] channels: expected 1 or 3, got %d", options.channels));
  fs::path from = fs::path(source) / file, to = fs::path(options.dest.str()) / file;
  if (!options.ending.empty()) to.replace_extension(options.ending);
  if (options.resume && fs::exists(to)) return true;
  Image image;
  ImageInfo info;
  try {
    info = image_info(from.string());
    image = Image::open(from.string(), {.mode = options.channels == 1 ? PixelMode::grey : PixelMode::rgb});
  } catch (const FileError&) { return false; }
  std::error_code problem;
  fs::create_directories(to.parent_path(), problem);
  bool too_large = options.max_size > 0 && std::max(image.height(), image.width()) > options.max_size;
  bool other_channels = info.channels != options.channels;
  if (!too_large && !other_channels && options.ending.empty()) {
    if (fs::exists(to) && fs::equivalent(from, to)) return true;
    const FileBytes file = read_image_file(from.string());
    const Bytes bytes = file.bytes();
    write_whole_file(to.string(), {bytes.data(), bytes.data() + bytes.size()});
    return true;
  }
  if (options.max_size > 0 && (too_large || other_channels))
    image = resize(image, ratio_size(image.size(), options.max_size), options.filter);
  encode_like(image, to.string(), info.kind);
  return true;
}

int resize_images(const Path& folder, const ResizeImages& options) {
  if (!folder.is_dir())
    throw FileError("[resize_images] " + folder.str() + ": not a folder",
                    "give the folder that holds the pictures");
  const auto files = get_image_files(folder, {.recurse = options.recurse});
  std::atomic<int> done = 0;
  minitorch::parallel_for(files.size(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      stop_if_interrupted();
      done += resize_image(files[i].relative_to(folder).str(), folder.str(), options);
    }
  });
  return done;
}

}  // namespace fastcore
