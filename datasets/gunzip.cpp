// SPDX-License-Identifier: MIT
#include "datasets/gunzip.h"

#include <unistd.h>
#include <zlib.h>

#include <cstring>
#include <new>

namespace datasets {

struct Gunzip::File {
  gzFile gz;
};

Gunzip::Gunzip(int fd) : file_(new File{gzdopen(::dup(fd), "rb")}) {
  if (!file_->gz) throw std::bad_alloc();
  gzbuffer(file_->gz, 1 << 16);
}
Gunzip::~Gunzip() { gzclose_r(file_->gz); }

bool Gunzip::is_for(int fd) {
  unsigned char start[2] = {};
  return ::pread(fd, start, 2, 0) == 2 && start[0] == 0x1f && start[1] == 0x8b;
}

int64_t Gunzip::next() {
  const int n = gzread(file_->gz, buffer_.data(), static_cast<unsigned>(buffer_.size()));
  int code = Z_OK;
  const char* detail = gzerror(file_->gz, &code);
  // A file that was cut off gives what there is and then ends, and only the code says so.
  if (n > 0 || (n == 0 && (code == Z_OK || code == Z_STREAM_END))) return n;
  if (const char* name_end = std::strstr(detail, ": ")) detail = name_end + 2;  // "<fd:4>: ..."
  fault_ = std::string("gzip: ") + (code == Z_BUF_ERROR ? "unexpected end of file" : detail);
  return -1;
}

int64_t Gunzip::packed_bytes() const { return gzoffset(file_->gz); }

}  // namespace datasets
