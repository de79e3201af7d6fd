// SPDX-License-Identifier: MIT
#include "datasets/digest.h"

#include <catch2/catch.hpp>

#include "archives.h"

using namespace datasets;

TEST_CASE("SHA-256 gives the standard's own examples") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("MD5 gives the standard's own examples") {
  CHECK(md5("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(md5("abc") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(md5("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
  CHECK(md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890") ==
        "57edf4a22be3c955ac49da2e2107b67a");
}

TEST_CASE("sums do not depend on how the data is cut") {
  std::string data;
  for (int i = 0; i < 300; ++i) data += static_cast<char>(i * 7);
  for (std::size_t piece : {1, 3, 55, 56, 63, 64, 65, 128}) {
    Sha256 sha;
    Md5 md;
    for (std::size_t at = 0; at < data.size(); at += piece) {
      const auto part = data.substr(at, piece);
      sha.add(part.data(), part.size());
      md.add(part.data(), part.size());
    }
    CHECK(sha.hex() == sha256(data));
    CHECK(md.hex() == md5(data));
  }
}

TEST_CASE("a file's digest has the MD5 of its first MiB only") {
  TempHome home;
  const std::string first(1 << 20, 'x');
  write_file(home.path + "/f", first + "the rest");
  const auto digest = digest_file(home.path + "/f");
  CHECK(digest.bytes == (1 << 20) + 8);
  CHECK(digest.sha256 == sha256(first + "the rest"));
  CHECK(digest.md5_first_mib == md5(first));
  CHECK_THROWS_WITH(digest_file(home.path + "/none"),
                    "[data] cannot read " + home.path + "/none: No such file or directory");
}
