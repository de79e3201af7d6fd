// SPDX-License-Identifier: MIT
// Files of weights: what their SHA-256 must be is published in the name or in the repository's pointer.
#include "datasets/model_file.h"

#include <filesystem>

#include "datasets/files.h"
#include "fetch_fixture.h"

namespace {

const std::string kBytes = "weights, as far as this test goes";
const std::string kHash = sha256(kBytes);

struct ModelFixture : Fixture {
  std::string place(const std::string& file) const { return home.path + "/models/" + file; }
};

}  // namespace

TEST_CASE("a hash is read from a file's name and from a pointer") {
  CHECK(hash_in_name("resnet18-f37072fd.pth") == "f37072fd");
  CHECK(hash_in_name("mobilenetv2_100_ra-b33bc2c4.pth") == "b33bc2c4");
  CHECK(hash_in_name("resnet18-f37072f.pth").empty());
  CHECK(hash_in_name("a-lastword.safetensors").empty());
  CHECK(hash_in_name("model.safetensors").empty());
  CHECK(hash_in_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:" + kHash + "\nsize 33\n") ==
        kHash);
  CHECK(hash_in_pointer("<html>\noid sha256:" + kHash).empty());
  CHECK(hash_in_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:12\n").empty());
}

TEST_CASE_METHOD(ModelFixture, "weights whose name holds their hash are fetched once and checked") {
  const std::string file = "net-" + kHash.substr(0, 8) + ".pth";
  FakeServer server([&](auto& request, Client& client) { client.file(request, kBytes, "\"1\""); });
  const ModelFile model{.file = file, .url = server.url("/" + file)};
  CHECK(fetch_model(model, options) == place(file));
  CHECK(fetch_model(model, options) == place(file));
  CHECK(server.requests().size() == 1);
  CHECK(read_file(place(file)) == kBytes);
  CHECK(names_in(home.path + "/models") == std::vector<std::string>{file});
}

TEST_CASE_METHOD(ModelFixture, "weights that are not what their name says are refused and put aside") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, kBytes, "\"1\""); });
  const ModelFile model{.file = "net-00000000.pth", .url = server.url("/net-00000000.pth")};
  CHECK_THROWS_WITH(fetch_model(model, options),
                    Catch::Contains("SHA-256: expected 00000000..., got " + kHash) &&
                        Catch::Contains("kept as " + place(model.file) + ".bad"));
  CHECK_FALSE(exists(place(model.file)));
  CHECK(exists(place(model.file) + ".bad"));
}

TEST_CASE_METHOD(ModelFixture, "weights in a repository are checked against its pointer") {
  std::string oid = kHash;
  FakeServer server([&](auto& request, Client& client) {
    const bool pointer = request.target == "/timm/net/raw/main/model.safetensors";
    client.file(
        request,
        pointer ? "version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize 33\n" : kBytes,
        "");
  });
  const ModelFile model{.file = "net.safetensors",
                        .url = server.url("/timm/net/resolve/main/model.safetensors")};
  CHECK(fetch_model(model, options) == place(model.file));
  CHECK(server.requests().size() == 2);
  oid[0] = oid[0] == '0' ? '1' : '0';
  options.force = true;
  CHECK_THROWS_AS(fetch_model(model, options), WrongFile);
  CHECK(read_file(place(model.file)) == kBytes);  // what was there stays
}

TEST_CASE_METHOD(ModelFixture,
                 "a file in ./models is taken, as in fastai, unless it is known to be another") {
  const std::string file = "net-" + kHash.substr(0, 8) + ".pth";
  FakeServer server([&](auto& request, Client& client) { client.file(request, kBytes, "\"1\""); });
  const ModelFile model{.file = file, .url = server.url("/" + file)};
  const auto before = std::filesystem::current_path();
  make_folders(home.path + "/work/models");
  std::filesystem::current_path(home.path + "/work");
  write_file("models/" + file, kBytes);
  CHECK(fetch_model(model, options) == "models/" + file);
  write_file("models/unnamed.pth", "nobody knows");
  CHECK(fetch_model({.file = "unnamed.pth"}, options) == "models/unnamed.pth");
  CHECK(server.requests().empty());
  write_file("models/" + file, "others");
  CHECK(fetch_model(model, options) == place(file));
  std::filesystem::current_path(before);
  CHECK(notes.lines.at(0) == "models/" + file + " is not used: SHA-256: expected " + kHash.substr(0, 8) +
                                 "..., got " + sha256("others"));
}

TEST_CASE_METHOD(ModelFixture, "weights from a mirror are checked against the publisher's pointer") {
  FakeServer publisher([&](auto& request, Client& client) {
    client.file(request, "version https://git-lfs.github.com/spec/v1\noid sha256:" + kHash + "\nsize 33\n",
                "");
  });
  std::string bytes = "something else";
  FakeServer mirror([&](auto& request, Client& client) { client.file(request, bytes, ""); });
  const ModelFile model{.file = "net.safetensors",
                        .url = publisher.url("/timm/net/resolve/main/model.safetensors")};
  setenv("COURSE_MIRROR", mirror.url("").c_str(), 1);
  CHECK_THROWS_WITH(fetch_model(model, options), Catch::Contains("SHA-256: expected " + kHash));
  CHECK_FALSE(exists(place(model.file)));
  bytes = kBytes;
  CHECK(fetch_model(model, options) == place(model.file));
  unsetenv("COURSE_MIRROR");
}

TEST_CASE_METHOD(ModelFixture, "weights whose SHA-256 nobody says are not fetched") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, "no pointer", ""); });
  const std::string error = "its publisher says no SHA-256 to check it by";
  CHECK_THROWS_WITH(fetch_model({.file = "net.safetensors", .url = server.url("/net.safetensors")}, options),
                    Catch::Contains(error));
  CHECK_THROWS_WITH(
      fetch_model({.file = "net.safetensors", .url = server.url("/resolve/net.safetensors")}, options),
      Catch::Contains(error));
  CHECK(names_in(home.path + "/models").empty());
}

TEST_CASE_METHOD(ModelFixture, "weights put in by hand are checked once, and anew when they change") {
  const ModelFile model{.file = "net-" + kHash.substr(0, 8) + ".pth"};
  make_folders(home.path + "/models");
  write_file(place(model.file), kBytes);
  CHECK(fetch_model(model, options) == place(model.file));
  CHECK(exists(home.path + "/records/model-" + model.file + ".txt"));
  write_file(place(model.file), "another net's");
  CHECK_THROWS_WITH(fetch_model(model, options), "[data] " + place(model.file) + ": SHA-256: expected " +
                                                     kHash.substr(0, 8) + "..., got " +
                                                     sha256("another net's"));

  const ModelFile unknown{.file = "net.safetensors"};
  write_file(place(unknown.file), kBytes);
  const auto told = [&] { return notes.lines.size(); };
  const auto before = told();
  CHECK(fetch_model(unknown, options) == place(unknown.file));
  CHECK(fetch_model(unknown, options) == place(unknown.file));
  REQUIRE(told() == before + 1);
  CHECK(notes.lines.back().find("unchecked") != std::string::npos);
  CHECK(notes.lines.back().find(kHash) != std::string::npos);
}

TEST_CASE_METHOD(ModelFixture, "a bundled file stands in, and without one the error says where to look") {
  const ModelFile model{
      .file = "lite.pth", .url = "https://127.0.0.1:1/lite.pth", .bundled = "imagenet_classes.txt"};
  CHECK(fetch_model(model, options) == bundled_file("imagenet_classes.txt"));
  setenv("COURSE_OFFLINE", "1", 1);
  CHECK_THROWS_WITH(fetch_model({.file = "lite.pth", .url = model.url}, options),
                    "[data] lite.pth is not in " + place("lite.pth") + ": COURSE_OFFLINE is set");
  unsetenv("COURSE_OFFLINE");
}

TEST_CASE_METHOD(ModelFixture, "weights go on where they stopped, from the address they came from") {
  const ModelFile here{.file = "net-" + kHash.substr(0, 8) + ".pth"};
  bool first = true;
  FakeServer server([&](auto& request, Client& client) {
    client.file(request, kBytes, "\"1\"", std::exchange(first, false) ? 10 : std::string::npos);
  });
  FakeServer mirror([&](auto&, Client& client) { client.head("404 Not Found", "", 0); });
  auto model = here;
  model.url = server.url("/" + here.file);
  options.network.tries = 1;
  CHECK_THROWS_AS(fetch_model(model, options), NetworkError);
  setenv("COURSE_MIRROR", mirror.url("").c_str(), 1);
  CHECK(fetch_model(model, options) == place(model.file));
  unsetenv("COURSE_MIRROR");
  CHECK(mirror.requests().empty());
  CHECK(server.requests().back().range_start() == 10);
  CHECK(read_file(place(model.file)) == kBytes);
}
