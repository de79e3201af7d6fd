// SPDX-License-Identifier: MIT
// Files that are cut short, damaged or made to harm are refused by a FileError that says why.
#include <catch2/catch.hpp>

#include "minitorch/io/npy.h"
#include "minitorch/io/pth.h"
#include "minitorch/io/safetensors.h"
#include "tests/io/files.h"

using namespace minitorch;
using namespace test_io;
using Catch::Contains;

namespace {

io::SourcePtr source(const std::string& bytes) { return io::over_bytes("x", {bytes.begin(), bytes.end()}); }

template <class T>
std::string number(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

io::RawSafetensors safetensors(const std::string& header, std::size_t data) {
  return io::read_safetensors(source(number(uint64_t{header.size()}) + header + std::string(data, '\1')));
}

io::RawTensor npy(const std::string& header, std::size_t data) {
  return io::read_npy(source("\x93NUMPY\x01" + std::string(1, '\0') +
                             number(static_cast<uint16_t>(header.size())) + header +
                             std::string(data, '\1')));
}

// The stream form around the pickle of an object; no storages.
io::Object stream(const std::string& object) {
  const std::string start = "\x80\x02", magic = start + "\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.",
                    version = start + "M\xe9\x03.";
  return io::read_pth(source(magic + version + start + "}." + start + object + start + "]."));
}

}  // namespace

TEST_CASE("safetensors headers that do not add up are refused") {
  const std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  CHECK(safetensors(good, 8).tensors.size() == 1);
  CHECK_THROWS_WITH(safetensors(good, 4), "[load] x: ends before the last byte of 'a'");
  CHECK_THROWS_WITH(safetensors(good, 9), "[load] x: holds 1 bytes that belong to no tensor");
  CHECK_THROWS_WITH(safetensors(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
                    "[load] x: gives 'a' 8 bytes: its shape wants 12");
  CHECK_THROWS_WITH(
      safetensors(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})", 8),
      "[load] x: holds an impossible size: 4294967296 x 4294967296");
  CHECK_THROWS_WITH(safetensors(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}})", 8),
                    "[load] x: holds 'a' of the unknown type F4");
  CHECK_THROWS_WITH(safetensors(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                                R"("a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
                                4),
                    "[load] x: names 'a' twice");
  CHECK_THROWS_WITH(safetensors(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                                R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                                3),
                    Contains("leaves a hole before 'b', or lets it overlap"));
  CHECK_THROWS_WITH(safetensors(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3),
                    Contains("leaves a hole before 'a'"));
  CHECK_THROWS_WITH(safetensors(R"({"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}})", 2),
                    Contains("a negative number at 'a', which has no place there"));
  CHECK_THROWS_WITH(safetensors(R"({"a":{"dtype":"U8","shape":[2]}})", 2),
                    Contains("lacks the dtype, shape or offsets of 'a'"));
  CHECK_THROWS_WITH(safetensors(R"({"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 2),
                    "[load] x: gives 'dtype' of 'a' twice");
  CHECK_THROWS_WITH(safetensors(R"({"a":{"shape":[[2]],"dtype":"U8","data_offsets":[0,2]}})", 2),
                    Contains("an array at 'a'"));
  std::string long_shape = "1";
  for (int i = 0; i < 64; ++i) long_shape += ",1";
  CHECK_THROWS_WITH(
      safetensors(R"({"a":{"dtype":"U8","shape":[)" + long_shape + R"(],"data_offsets":[0,1]}})", 1),
      Contains("more than 64 numbers at 'a'"));
  CHECK_THROWS_WITH(safetensors(R"({"__metadata__":{"a":{}}})", 0),
                    Contains("with an object, which has no place there"));
  CHECK_THROWS_WITH(safetensors(R"({"a":)", 0), Contains("no JSON at its byte"));
  CHECK_THROWS_WITH(safetensors(" {}", 0), "[load] x: has a header that does not begin with {");
  CHECK_THROWS_WITH(safetensors(std::string(100000, '['), 0), Contains("does not begin with {"));
  CHECK_THROWS_WITH(io::read_safetensors(source(number(uint64_t{1} << 60) + "{}")),
                    "[load] x: claims a header of 1152921504606846976 bytes: this is no safetensors file, or "
                    "a damaged one");
}

TEST_CASE(".npy headers that do not add up are refused") {
  CHECK(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 8).numel() == 2);
  CHECK(npy("{'shape': (2L, 1), 'descr': '|u1', 'fortran_order': True}", 2).strides ==
        std::vector<int64_t>{1, 2});
  CHECK_THROWS_WITH(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 7),
                    Contains("ends at byte"));
  CHECK_THROWS_WITH(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", 8),
                    Contains("holds an impossible size"));
  CHECK_THROWS_WITH(npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 8),
                    "[load] x: holds elements of the type '|O': expected booleans, integers or floats");
  CHECK_THROWS_WITH(npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8),
                    Contains("type '<c8'"));
  CHECK_THROWS_WITH(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 8),
                    "[load] x: holds records of several fields");
  CHECK_THROWS_WITH(npy("{'descr': '<f4', 'shape': (2,), }", 8), Contains("has a damaged header"));
  CHECK_THROWS_WITH(npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8),
                    Contains("has a damaged header"));
  CHECK_THROWS_WITH(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 8),
                    Contains("has a damaged header"));
  CHECK_THROWS_WITH(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", 1),
                    "[load] x: a tensor has 9 axes: expected 8 at most");
  CHECK_THROWS_WITH(npy("__import__('os').system('true')", 0), Contains("has a damaged header"));
}

TEST_CASE("a pickle is not executed") {
  const io::Object made = stream("cposix\nsystem\n\x8c\x0ftouch /tmp/hack\x85R.");
  CHECK(made.kind() == "a posix system");
  CHECK_THROWS_WITH(io::state_tensors("x", made), "[load] x: holds no state dict: it is a posix system");
  CHECK_THROWS_WITH(stream("(i__builtin__\neval\n."),
                    "[load] x: has a pickle with the opcode 0x69, which no checkpoint needs");
}

TEST_CASE("pickles that are damaged or made to exhaust memory are refused") {
  CHECK(stream("](K\x01K\x02"
               "e.")
            .list()
            .size() == 2);
  CHECK_THROWS_WITH(stream("0."), "[load] x: has a damaged pickle: the stack is empty");
  CHECK_THROWS_WITH(stream("](0."), "[load] x: has a damaged pickle: the stack is empty");
  CHECK_THROWS_WITH(stream("e."), "[load] x: has a damaged pickle: a mark is missing");
  CHECK_THROWS_WITH(stream("h\x05."), "[load] x: has a damaged pickle: it recalls what it has not stored");
  CHECK_THROWS_WITH(stream("K\x01K\x02"
                           "a."),
                    "[load] x: has a damaged pickle: items are added to what holds none");
  CHECK_THROWS_WITH(stream("]q\x01h\x01"
                           "a."),
                    "[load] x: has a pickle whose values lie inside themselves");
  CHECK_THROWS_WITH(stream(")" + std::string(200, '\x85') + "."),
                    "[load] x: has a pickle of more than 100 levels");
  CHECK_THROWS_WITH(stream(std::string(2000000, ']')),
                    "[load] x: has a pickle of more than a million values");
  CHECK_THROWS_WITH(stream("]" + std::string(5000000, '2')), Contains("it repeats itself without end"));
  CHECK_THROWS_WITH(stream("X\xff\xff\xff\xff"
                           "abc."),
                    "[load] x: a text of 4294967295 bytes goes beyond the end");

  // Lists of twice the same list: 2^60 values if they were told apart.
  std::string doubling = "]q" + std::string(1, '\0');
  for (int i = 0; i < 60; ++i)
    doubling += "](h" + std::string(1, static_cast<char>(i)) + "h" + static_cast<char>(i) + "eq" +
                static_cast<char>(i + 1);
  io::Object object = stream(doubling + ".");
  int depth = 0;
  for (; !object.list().empty(); ++depth) object = io::Object(object.list()[1]);
  CHECK(depth == 60);
}

TEST_CASE("files of another kind are refused by name") {
  CHECK_THROWS_WITH(
      io::load_pth(golden("f4.npy")),
      Contains("is no PyTorch checkpoint: expected a zip archive, a stream of pickles or a tar"));
  CHECK_THROWS_WITH(io::load_pth(golden("stored.npz")),
                    Contains("is a zip archive, but no checkpoint: it has no data.pkl"));
  CHECK_THROWS_WITH(io::load_npy(golden("zip.pth")), Contains("is no .npy file"));
  CHECK_THROWS_WITH(io::load_safetensors(golden("zip.pth")), Contains("this is no safetensors file"));
  CHECK_THROWS_WITH(io::load_pth("/no/such/file"), "[open] /no/such/file: No such file or directory");
  CHECK_THROWS_WITH(io::load_pth("/tmp"), "[open] /tmp: expected a file, got a folder, pipe or device");
  try {
    io::read_pth(source("<html>not found</html>"));
    FAIL("a web page was taken for a checkpoint");
  } catch (const FileError& error) { CHECK(error.hint() == "it looks like a web page: the download failed"); }
}

TEST_CASE("files cut short are refused, wherever the cut is") {
  for (const char* name : {"zip.pth", "stream.pth", "all.safetensors", "f4.npy", "deflated.npz"}) {
    const std::string whole = contents(golden(name)), kind = name;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      INFO(name << " cut to " << length << " of " << whole.size() << " bytes");
      const io::SourcePtr cut = source(whole.substr(0, length));
      auto read = [&] {
        if (kind.find(".pth") != std::string::npos) io::state_tensors("x", io::read_pth(cut));
        else if (kind.find(".npz") != std::string::npos) io::read_npz(cut);
        else if (kind.find(".npy") != std::string::npos) io::read_npy(cut);
        else io::read_safetensors(cut);
      };
      REQUIRE_THROWS_AS(read(), FileError);
    }
  }
}

TEST_CASE("zip members that overlap, or claim what they do not hold, are refused") {
  const std::string whole = contents(golden("deflated.npz"));
  const auto second = whole.find("PK\x01\x02", whole.find("PK\x01\x02") + 1);  // in the directory
  std::string overlapping = whole;
  overlapping.replace(second + 42, 4, std::string(4, '\0'));  // begins where the first one begins
  CHECK_THROWS_WITH(io::read_npz(source(overlapping)), Contains("overlaps what follows it"));

  std::string larger = whole;
  larger.replace(second + 24, 4, number(uint32_t{40000}));  // the size after unpacking
  CHECK_THROWS_WITH(io::read_npz(source(larger)), "[load] x: y.npy: does not unpack to its 40000 bytes");

  std::string wrong = whole;
  wrong[second + 16] ^= 1;
  CHECK_THROWS_WITH(io::read_npz(source(wrong)), "[load] x: y.npy: has the wrong checksum");
}

TEST_CASE("a checkpoint whose records have other sizes than it says is refused") {
  std::string bytes = contents(golden("zip.pth"));
  const auto at = bytes.find("cpu");
  REQUIRE(at != std::string::npos);
  const auto numel = bytes.find("K\x0c", at);  // twelve elements
  bytes[numel + 1] = 13;
  CHECK_THROWS_WITH(io::read_pth(source(bytes)),
                    Contains("the record data/0 holds 48 bytes: expected 52, for 13 of float32"));
}

TEST_CASE("an archive that would fill the memory is refused before a byte is unpacked") {
  const std::string whole = contents(golden("deflated.npz"));
  const auto first = whole.find("PK\x01\x02"), second = whole.find("PK\x01\x02", first + 1);
  std::string bomb = whole;
  bomb.replace(second + 24, 4, number(uint32_t{4000000000}));
  CHECK_THROWS_WITH(io::read_npz(source(bomb)), Contains("more than 200 times as many"));
  std::string several = whole;  // none of them alone is large
  several.replace(first + 24, 4, number(uint32_t{40000000}));
  several.replace(second + 24, 4, number(uint32_t{40000000}));
  CHECK_THROWS_WITH(io::read_npz(source(several)), Contains("more than 200 times as many"));
}
