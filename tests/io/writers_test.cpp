// SPDX-License-Identifier: MIT
// What is written comes back, and its bytes are those that check_written.py has loaded by PyTorch, numpy and
// safetensors themselves (tests/io/golden/ours.*).
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "minitorch/io/pth.h"
#include "minitorch/minitorch.h"
#include "tests/io/files.h"

using namespace minitorch;
using namespace test_io;

namespace {

io::StateDict weights() {
  const Tensor matrix = arange(12).to(kFloat32).reshape({3, 4});
  const Tensor tied = tensor({0.5, -2.});
  return {{"layer.weight", matrix},
          {"flags", tensor({true, false, true})},
          {"turned", matrix.t()},
          {"tied.a", tied},
          {"tied.b", tied},
          {"nothing", zeros({0, 3})},
          {"scalar", tensor(7)},
          {"half", tensor({1., -0.5}).to(kFloat16)},
          {"brain", tensor({1., -0.5}).to(kBFloat16)},
          {"pixels", tensor({1, 255}).to(kUint8)},
          {"größe", tensor({int64_t{1} << 40, int64_t{-1}})}};
}

void check_same(const io::StateDict& got, const io::StateDict& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(expected[i].first);
    CHECK(got[i].first == expected[i].first);
    CHECK(got[i].second.dtype() == expected[i].second.dtype());
    CHECK(got[i].second.shape() == expected[i].second.shape());
    CHECK(got[i].second.to_vector<double>() == expected[i].second.to_vector<double>());
  }
}

// The file at `path` has the bytes of the committed one. MT_WRITTEN=FOLDER keeps a copy for check_written.py.
void check_bytes(const std::string& path, const std::string& name) {
  if (const char* keep = std::getenv("MT_WRITTEN"))
    std::filesystem::copy_file(path, keep + ("/" + name), std::filesystem::copy_options::overwrite_existing);
  const std::string got = contents(path), expected = contents(golden(name));
  CHECK(got.size() == expected.size());
  CHECK((got == expected));
}

}  // namespace

TEST_CASE("a state dict comes back from .pth") {
  TemporaryFolder folder;
  io::save_pth(folder / "ours.pth", weights());
  const io::StateDict loaded = io::load_pth(folder / "ours.pth");
  check_same(loaded, weights());
  find(loaded, "tied.a").fill_(3);
  CHECK(find(loaded, "tied.b").to_vector<double>() == std::vector<double>{3, 3});
  CHECK(folder.files() == 1);
  check_bytes(folder / "ours.pth", "ours.pth");
}

TEST_CASE("a state dict comes back from safetensors") {
  TemporaryFolder folder;
  const io::Metadata metadata = {{"format", "pt"}, {"epochs", "3 \"full\" ones"}};
  io::save_safetensors(folder / "ours.safetensors", weights(), metadata);
  const io::Safetensors loaded = io::load_safetensors(folder / "ours.safetensors");
  check_same(loaded.tensors, weights());
  CHECK(loaded.metadata == metadata);
  check_bytes(folder / "ours.safetensors", "ours.safetensors");

  io::save_safetensors(folder / "empty.safetensors", {});
  CHECK(io::load_safetensors(folder / "empty.safetensors").tensors.empty());
  CHECK_THROWS_WITH(io::save_safetensors(folder / "twice.safetensors", {{"a", tensor(1)}, {"a", tensor(2)}}),
                    "[save_safetensors] the name 'a' is taken");
}

TEST_CASE("arrays come back from .npy and .npz") {
  TemporaryFolder folder;
  for (const auto& [name, tensor] : weights()) {
    if (tensor.dtype() == kBFloat16) continue;
    io::save_npy(folder / "a.npy", tensor);
    check_same({{name, io::load_npy(folder / "a.npy")}}, {{name, tensor}});
  }
  CHECK_THROWS_WITH(io::save_npy(folder / "b.npy", find(weights(), "brain")),
                    "[save_npy] numpy has no bfloat16");
  io::save_npy(folder / "ours.npy", find(weights(), "turned"));
  check_bytes(folder / "ours.npy", "ours.npy");

  io::StateDict arrays = weights();
  arrays.erase(arrays.begin() + 8);
  io::save_npz(folder / "ours.npz", arrays);
  check_same(io::load_npz(folder / "ours.npz"), arrays);
  check_bytes(folder / "ours.npz", "ours.npz");
  CHECK_THROWS_WITH(io::save_npz(folder / "c.npz", {{"a", tensor(1)}, {"a", tensor(2)}}),
                    "[save_npz] two arrays are called 'a'");
  CHECK(folder.files() == 3);  // what was refused left nothing
}

TEST_CASE("nested values come back from .pth") {
  TemporaryFolder folder;
  using io::Object;
  Object::Dict options = {
      {"lr", 1e-3}, {"steps", int64_t{1} << 40}, {"few", int64_t{7}}, {"down", int64_t{-5}}};
  Object::Dict all = {{"model", Object::Dict{{"w", io::raw(tensor({1., 2.}))}}},
                      {"opt", std::move(options)},
                      {"rest", Object::List{{}, true, false, "text"}}};
  io::write_pth(folder / "all.pth", all);
  const Object read = io::read_pth(io::open_file(folder / "all.pth"));
  CHECK(read.at("opt").at("lr").number() == 1e-3);
  CHECK(read.at("opt").at("steps").integer() == int64_t{1} << 40);
  CHECK(read.at("opt").at("few").integer() == 7);
  CHECK(read.at("opt").at("down").integer() == -5);
  CHECK(read.at("rest").list().size() == 4);
  CHECK(read.at("rest").list()[0].is_none());
  CHECK(*read.at("rest").list()[1].get_if<bool>());
  CHECK(read.at("rest").list()[3].text() == "text");
  CHECK(find(io::load_pth(folder / "all.pth"), "w").to_vector<double>() == std::vector<double>{1, 2});
  CHECK_THROWS_WITH(io::write_pth(folder / "b.pth", Object::Opaque{"module Class"}),
                    "[save_pth] cannot write a module Class");
}

TEST_CASE("names that a format cannot hold are refused before a byte is written") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(io::save_safetensors(folder / "a", {{"\xff", ones({1})}}),
                    "[save_safetensors] a name or a metadata text is not UTF-8, which the format wants");
  CHECK(folder.files() == 0);
  io::save_pth(folder / "b", {{"\xff", ones({1})}});
  CHECK(io::load_pth(folder / "b")[0].first == "\xff");
  CHECK_THROWS_WITH(io::save_pth(folder / "c", {{"w", ones({1})}, {"v", ones({1})}, {"w", ones({1})}}),
                    "[save_pth] the name 'w' is taken");
  CHECK(folder.files() == 1);
}

TEST_CASE("a failed save leaves what was there") {
  TemporaryFolder folder;
  const std::string path = folder / "weights.pth";
  io::save_pth(path, {{"a", tensor({1., 2.})}});
  const std::string before = contents(path);

  // The system refuses files beyond this size, as a full disk would.
  rlimit limit, old;
  getrlimit(RLIMIT_FSIZE, &old);
  limit = old;
  limit.rlim_cur = 4096;
  auto* handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  CHECK_THROWS_WITH(io::save_pth(path, {{"a", zeros({10000})}}), Catch::Contains("cannot be written"));
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);

  CHECK(contents(path) == before);
  CHECK(folder.files() == 1);
  CHECK_THROWS_WITH(io::save_npy(folder / "no/such/folder.npy", tensor(1)),
                    Catch::Contains("cannot be created: No such file"));
}
