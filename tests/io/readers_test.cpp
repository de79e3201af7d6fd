// SPDX-License-Identifier: MIT
// Files that PyTorch, numpy and safetensors wrote (see make_golden.py) give the tensors that went in.
#include <catch2/catch.hpp>
#include <cmath>

#include "minitorch/io/npy.h"
#include "minitorch/io/pth.h"
#include "minitorch/io/safetensors.h"
#include "minitorch/tensor/factories.h"
#include "tests/io/files.h"

using namespace minitorch;
using namespace test_io;
using Doubles = std::vector<double>;

namespace {

// The state dict of make_golden.py.
void check_weights(const io::StateDict& w) {
  REQUIRE(w.size() == 18);
  CHECK(w.front().first == "plain");
  CHECK(w.back().first == "flags");
  Doubles eighths;
  for (int i = 0; i < 12; ++i) eighths.push_back(i / 8.0);
  CHECK(find(w, "plain").shape() == Shape{3, 4});
  CHECK(find(w, "plain").to_vector<double>() == eighths);
  CHECK(find(w, "transposed").shape() == Shape{4, 3});
  CHECK(find(w, "transposed").t().contiguous().to_vector<double>() == eighths);
  CHECK(find(w, "row").to_vector<double>() == Doubles{0.5, 0.625, 0.75, 0.875});
  CHECK(find(w, "column").to_vector<double>() == Doubles{0.25, 0.75, 1.25});
  CHECK(find(w, "tied_b").to_vector<double>() == Doubles{1.5, -2.5});
  CHECK(find(w, "scalar").shape() == Shape{});
  CHECK(find(w, "scalar").item() == 3.25);
  CHECK(find(w, "nothing").shape() == Shape{0, 3});
  CHECK(find(w, "parameter").to_vector<double>() == Doubles{7});
  CHECK(find(w, "bf16").dtype() == kBFloat16);
  CHECK(find(w, "bf16").to_vector<double>() == Doubles{1, -0.5});
  CHECK(find(w, "f16").dtype() == kFloat16);
  CHECK(find(w, "f16").to_vector<double>() == Doubles{65504, 0x1p-24});
  CHECK(find(w, "f64").dtype() == kFloat32);
  CHECK(find(w, "f64").to_vector<float>() == std::vector<float>{0.1f, INFINITY});
  CHECK(find(w, "i64").to_vector<int64_t>() == std::vector<int64_t>{int64_t{1} << 62, -1});
  CHECK(find(w, "i32").dtype() == kInt64);
  CHECK(find(w, "i32").to_vector<int64_t>() == std::vector<int64_t>{INT32_MAX, INT32_MIN});
  CHECK(find(w, "i16").to_vector<int64_t>() == std::vector<int64_t>{-300, 300});
  CHECK(find(w, "i8").to_vector<int64_t>() == std::vector<int64_t>{-128, 127});
  CHECK(find(w, "u8").dtype() == kUint8);
  CHECK(find(w, "u8").to_vector<double>() == Doubles{0, 255});
  CHECK(find(w, "flags").dtype() == kBool);
  CHECK(find(w, "flags").to_vector<double>() == Doubles{1, 0, 1});
}

}  // namespace

TEST_CASE("a .pth file of the zip generation") { check_weights(io::load_pth(golden("zip.pth"))); }
TEST_CASE("a .pth file of the stream generation") { check_weights(io::load_pth(golden("stream.pth"))); }

TEST_CASE("tensors that shared memory share it after loading") {
  for (const char* file : {"zip.pth", "stream.pth"}) {
    const io::StateDict w = io::load_pth(golden(file));
    find(w, "tied_a").fill_(9);
    CHECK(find(w, "tied_b").to_vector<double>() == Doubles{9, 9});
    find(w, "row").fill_(-1);
    CHECK(find(w, "plain").to_vector<double>()[4] == -1);
  }
}

TEST_CASE("a .pth file of the tar generation") {
  const io::StateDict w = io::load_pth(golden("tar.pth"));
  REQUIRE(w.size() == 4);
  CHECK(find(w, "a").shape() == Shape{2, 3});
  CHECK(find(w, "a").to_vector<double>() == Doubles{0, 1, 2, 3, 4, 5});
  CHECK(find(w, "b").shape() == Shape{3, 2});
  CHECK(find(w, "b").to_vector<double>() == Doubles{0, 3, 1, 4, 2, 5});
  CHECK(find(w, "c").to_vector<double>() == Doubles{4, 5});  // over a view of a storage
  CHECK(find(w, "d").to_vector<int64_t>() == std::vector<int64_t>{-1, int64_t{1} << 40});
}

TEST_CASE("tensors over untyped storages") {
  const io::StateDict w = io::load_pth(golden("untyped.pth"));
  CHECK(find(w, "u16").to_vector<int64_t>() == std::vector<int64_t>{1, 65535});
  CHECK(find(w, "f8").to_vector<double>() == Doubles{1.5, -0.375, 448});
  CHECK(find(w, "f8b").to_vector<double>() == Doubles{1.5, -0.375, 57344});
}

TEST_CASE("a weight of a kind that is not read is named, not left out") {
  const std::string sparse = golden("sparse.pth"), quantised = golden("quantised.pth");
  CHECK_THROWS_WITH(io::load_pth(sparse), "[load] " + sparse + ": the entry 'w' is a sparse tensor");
  CHECK_THROWS_WITH(io::load_pth(quantised), "[load] " + quantised +
                                                 ": the entry 'q' is a tensor of a kind that is not read, of "
                                                 "torch._utils _rebuild_qtensor");
  io::TensorReader reader;  // the rest is there for those who ask
  CHECK(reader.read(io::read_pth(io::open_file(sparse)).at("dense").tensor()).numel() == 2);
}

TEST_CASE("everything in a checkpoint of fastai") {
  CHECK(find(io::load_pth(golden("fastai.pth")), "0.weight").to_vector<double>() == Doubles{1, 1, 1, 1});
  const io::Object all = io::read_pth(io::open_file(golden("fastai.pth")));
  io::TensorReader reader;
  const io::Object& state = all.at("opt").at("state").list().at(0);
  CHECK(state.at("mom").number() == 0.95);
  CHECK(state.at("step").integer() == 3);
  CHECK(reader.read(state.at("grad_avg").tensor()).to_vector<double>() == Doubles{0.5, 0.5});
  const io::Object& hypers = all.at("opt").at("hypers").list().at(0);
  CHECK(hypers.at("lr").number() == 0.01);  // numpy scalars
  CHECK(hypers.at("wd").number() == 0.1);
  CHECK(*hypers.at("flag").get_if<bool>());
  CHECK(hypers.at("n").integer() == -7);
  CHECK(reader.read(all.at("image").tensor()).to_vector<double>() ==
        Doubles{0, 1, 2});                                     // a subclass of Tensor
  const Tensor array = reader.read(all.at("array").tensor());  // big-endian, and in Fortran's layout
  CHECK(array.shape() == Shape{2, 3});
  CHECK(array.contiguous().to_vector<int64_t>() == std::vector<int64_t>{0, 2, 4, 1, 3, 5});
  const io::Object::List& mixed = all.at("mixed").list();
  CHECK(mixed.at(0).is_none());
  CHECK(*mixed.at(1).get_if<bool>());
  CHECK(mixed.at(2).list().at(1).text() == "two");
  CHECK(mixed.at(2).list().at(2).integer() == int64_t{1} << 40);
  CHECK(mixed.at(2).list().at(3).integer() == -(int64_t{1} << 33));
  CHECK(mixed.at(3).list().size() == 2);
  CHECK_THROWS_WITH(
      all.at("optimizer"),
      "[object] there is no entry 'optimizer': the entries are model, opt, image, array, mixed");
  CHECK_THROWS_WITH(all.text(), "[object] expected a text, got a dict of 5");
}

TEST_CASE("a safetensors file") {
  const io::Safetensors read = io::load_safetensors(golden("all.safetensors"));
  CHECK(read.metadata == io::Metadata{{"format", "pt"}, {"note", "é"}});
  io::StateDict sorted;
  for (const char* name : {"plain", "transposed", "row", "column", "tied_a", "tied_b", "scalar", "nothing",
                           "parameter", "bf16", "f16", "f64", "i64", "i32", "i16", "i8", "u8", "flags"})
    sorted.emplace_back(name, find(read.tensors, name));
  check_weights(sorted);
}

TEST_CASE(".npy files") {
  CHECK(io::load_npy(golden("f4.npy")).shape() == Shape{2, 3});
  CHECK(io::load_npy(golden("f4.npy")).to_vector<double>() == Doubles{0, 0.25, 0.5, 0.75, 1, 1.25});
  CHECK(io::load_npy(golden("fortran_f8.npy")).is_contiguous());
  CHECK(io::load_npy(golden("fortran_f8.npy")).to_vector<double>() == Doubles{0, 1, 2, 3, 4, 5});
  CHECK(io::load_npy(golden("big_i4.npy")).to_vector<int64_t>() == std::vector<int64_t>{1, -2, 1 << 30});
  CHECK(io::load_npy(golden("scalar_u8.npy")).shape() == Shape{});
  CHECK(io::load_npy(golden("scalar_u8.npy")).item() == 200);
  CHECK(io::load_npy(golden("empty.npy")).shape() == Shape{0, 3});
  CHECK(io::load_npy(golden("empty.npy")).dtype() == kFloat16);
  CHECK(io::load_npy(golden("version3.npy")).to_vector<double>() == Doubles{0, 1});
}

TEST_CASE(".npz files, stored and deflated") {
  const io::StateDict stored = io::load_npz(golden("stored.npz"));
  CHECK(find(stored, "x").to_vector<int64_t>() == std::vector<int64_t>{0, 1, 2});
  CHECK(find(stored, "flags").dtype() == kBool);
  const io::StateDict deflated = io::load_npz(golden("deflated.npz"));
  CHECK(find(deflated, "x").to_vector<double>() == Doubles(100, 0));
  CHECK(find(deflated, "y").to_vector<int64_t>() == std::vector<int64_t>{0, 1, 2});
}

TEST_CASE("what a file holds whole is no view, and can take values in place") {
  const Tensor w = tensor({1., 2., 3.}).requires_grad_(), x = io::load_npy(golden("f4.npy"));
  CHECK(!x.is_view());
  x.add_(w);
  x.sum().backward();
  CHECK(w.grad().to_vector<double>() == Doubles{2, 2, 2});
  const io::StateDict weights = io::load_pth(golden("zip.pth"));
  CHECK(!find(weights, "plain").is_view());
  CHECK(find(weights, "row").is_view());
}
