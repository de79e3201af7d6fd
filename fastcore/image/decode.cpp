// SPDX-License-Identifier: MIT
#include "fastcore/image/decode.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fastcore/image/formats.h"
#include "fastcore/image/geometry.h"
#include "fastcore/image/stb.h"
#include "minitorch/core/atomic_file.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

using formats::Source;
using minitorch::FileError;
using minitorch::format;

constexpr int kMaxSide = 1 << 16;
constexpr int64_t kMaxFileBytes = int64_t{1} << 30;

void check_limits(const Source& source, const ImageInfo& info, int64_t max_pixels) {
  int64_t width = info.size.width, height = info.size.height;
  if (width < 1 || height < 1)
    source.fail(format("a picture of %d x %d pixels", info.size.width, info.size.height));
  if (width > kMaxSide || height > kMaxSide || width * height > max_pixels)
    source.fail(
        format("%lld x %lld pixels, more than the limit of %lld (%d a side)", static_cast<long long>(width),
               static_cast<long long>(height), static_cast<long long>(max_pixels), kMaxSide),
        "shrink it first, or raise DecodeOptions::max_pixels if you trust the file");
}

ImageInfo inspect(const Source& source) {
  if (source.size() == 0) source.fail("the file is empty (0 bytes)");
  if (static_cast<int64_t>(source.size()) > kMaxFileBytes)
    source.fail("more than 1 GiB, which no picture here needs");
  if (source.starts_with("\x89PNG\r\n\x1a\n")) return formats::inspect_png(source);
  if (source.starts_with("\xff\xd8")) return formats::inspect_jpeg(source);
  if (source.starts_with("GIF8")) return formats::inspect_gif(source);
  if (source.starts_with("BM")) return formats::inspect_bmp(source);
  if (source.starts_with("P5") || source.starts_with("P6")) return formats::inspect_pnm(source);
  const char* kind = source.starts_with("WEBP", 8)                               ? "a WebP picture"
                     : source.starts_with("II*") || source.starts_with("MM")     ? "a TIFF picture"
                     : source.starts_with("ftyp", 4)                             ? "a HEIC or AVIF picture"
                     : source.starts_with("<svg") || source.starts_with("<?xml") ? "a drawing (SVG or XML)"
                     : source.starts_with("<!") || source.starts_with("<html")   ? "a web page"
                                                                                 : nullptr;
  if (kind)
    source.fail(format("%s: expected PNG, JPEG, GIF, BMP or PNM", kind), "convert it to PNG or JPEG first");
  source.fail("not a picture of a known kind: expected PNG, JPEG, GIF, BMP or PNM");
}

// JPEG, GIF and BMP go through stb_image; PNG and PNM have decoders of their own.
Image decode_stored(const Source& source, const ImageInfo& info, bool indices) {
  if (info.kind == FileKind::png) return formats::decode_png(source, indices);
  if (info.kind == FileKind::pnm) return formats::decode_pnm(source);
  Size size{0, 0};
  int channels = 0, wanted = info.kind == FileKind::jpeg ? info.channels : 0;
  uint8_t* pixels = stb::decode({source.at(0), source.size()}, &size, &channels, wanted);
  if (!pixels) source.fail(std::string("the file is damaged (") + stb::failure() + ")");
  Image image = Image::adopt(size, wanted ? wanted : channels, pixels);
  if (size != info.size) source.fail("the file is damaged (it contradicts its own header)");
  return image;
}

// EXIF orientation 1 to 8 as one of the 8 symmetries of dihedral().
Image upright(Image image, int orientation) {
  constexpr int kSymmetry[] = {0, 0, 1, 4, 2, 6, 5, 7, 3};
  return orientation == 1 ? std::move(image) : dihedral(image, kSymmetry[orientation]);
}

}  // namespace

FileBytes read_image_file(const std::string& path) {
  const std::string prefix = "[Image::open] " + path + ": ";
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not make us wait
  if (file < 0)
    throw FileError(prefix + std::strerror(errno),
                    "check the path; get_image_files(folder) lists what is there");
  struct Close {
    int file;
    ~Close() { ::close(file); }
  } close{file};
  struct stat status;
  if (::fstat(file, &status) != 0) throw FileError(prefix + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) throw FileError(prefix + "not a file", "give the path of one picture");
  if (status.st_size == 0) throw FileError(prefix + "the file is empty (0 bytes)", Source::kBadFileHint);
  if (status.st_size > kMaxFileBytes)
    throw FileError(prefix + "more than 1 GiB, which no picture here needs");
  FileBytes bytes(status.st_size);
  for (int64_t done = 0; done < status.st_size;) {
    auto count = ::read(file, bytes.data() + done, status.st_size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw FileError(prefix + "the file changed or failed while it was read");
    done += count;
  }
  return bytes;
}

void write_whole_file(const std::string& path, const std::vector<uint8_t>& bytes) {
  minitorch::AtomicFile file(path, minitorch::Sync::later);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

ImageInfo inspect_image(Bytes file, const std::string& name) { return inspect(Source(file, name)); }

ImageInfo image_info(const std::string& path) { return inspect_image(read_image_file(path).bytes(), path); }

Image decode_image(Bytes file, const std::string& name, const DecodeOptions& options) {
  Source source(file, name);
  ImageInfo info = inspect(source);
  check_limits(source, info, options.max_pixels);
  Image image = decode_stored(source, info, false);
  bool converted =
      options.mode == PixelMode::as_stored || (options.mode == PixelMode::rgb && image.channels() == 3);
  return upright(converted ? std::move(image) : image.convert(options.mode), info.orientation);
}

Image decode_codes(Bytes file, const std::string& name) {
  Source source(file, name);
  ImageInfo info = inspect(source);
  check_limits(source, info, DecodeOptions{}.max_pixels);
  return upright(decode_stored(source, info, true).convert(PixelMode::grey), info.orientation);
}

}  // namespace fastcore
