// SPDX-License-Identifier: MIT
#include "fastcore/data/transform.h"

#include <catch2/catch.hpp>
#include <functional>

#include "fastcore/data/batch_transform.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::tensor;
using minitorch::Tensor;

// Pictures get brighter, masks and everything else pass; drawn once for the whole sample.
struct Brighten {
  int most = 10;
  static constexpr double order = 3;
  static constexpr int split = 0;
  int draw(const Sample& sample, Context&) const { return most + static_cast<int>(sample.size()); }
  Image encode(Image image, int by) const {
    for (int64_t i = 0; i < image.bytes(); ++i) image.data()[i] = static_cast<uint8_t>(image.data()[i] + by);
    return image;
  }
  void fields(Fields& f) { f("most", most); }
};

struct Count {
  int64_t values = -1;
  std::string encode(const std::string& text) const { return text + " of " + std::to_string(values); }
  std::string decode(const std::string& text) const { return text.substr(0, text.find(' ')); }
  void setup(const Sample& all) { values = static_cast<int64_t>(all.size()); }
};

std::string folder_of(const Path& path) { return path.parent().name(); }

TEST_CASE("a transform changes the types that it names and no other") {
  const Transform brighten = Brighten{.most = 5};
  Sample sample{Image({1, 1}, 1, 100), Mask(Image({1, 1}, 1, 100)), Category{2, "forest"}};
  Context training(0, 1);
  brighten.encode(sample, training);
  CHECK(std::get<Image>(sample[0])(0, 0) == 108);
  CHECK(std::get<Mask>(sample[1])(0, 0) == 100);
  CHECK(describe(sample[2]) == "Category 2 (forest)");
  CHECK(brighten.takes(sample[0]));
  CHECK_FALSE(brighten.takes(sample[1]));
  CHECK(brighten.name() == "Brighten");
  CHECK(brighten.repr() == "Brighten -- {'most': 5}");
  CHECK(brighten.order() == 3);
  CHECK_FALSE(brighten.runs_in(1));
}

TEST_CASE("functions and lambdas are transforms; a text is not taken for a path") {
  const Transform label = folder_of;
  CHECK(std::get<std::string>(label(Path("birds/1.png"))) == "birds");
  CHECK(std::get<std::string>(label(std::string("birds/1.png"))) == "birds/1.png");
  CHECK_FALSE(label.takes(std::string("x")));
  const Transform size = [](const Path& path) { return path.str().size(); };
  CHECK(std::get<Numbers>(size(Path("abc"))).values == std::vector<double>{3});
  CHECK(size.name() == "<lambda>");
  CHECK(size.named("letters").name() == "letters");
  const Transform capital = [](const Path& path) { return path.name()[0] == 'A'; };
  CHECK(std::get<std::string>(capital(Path("x/A.png"))) == "True");
  const Transform words = [](const Path&) { return std::vector<std::string>{"a", "b"}; };
  CHECK(std::get<MultiCategory>(words(Path("x"))).labels == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a pipeline sorts by order, keeps equal ones, decodes backwards, and minds the split") {
  const Transform a = [](const std::string& s) { return s + "a"; };
  const Transform b = [](const std::string& s) { return s + "b"; };
  const Transform counted = Transform(Count{}).set_up(Sample(7));
  Pipeline pipeline{Brighten{}, a, b, counted};
  CHECK(pipeline.repr() == "<lambda> -> <lambda> -> Count -> Brighten -- {'most': 10}");
  CHECK(std::get<std::string>(pipeline(std::string("x"))) == "xab of 7");
  Sample sample{std::string("xab of 7")};
  pipeline.decode(sample);
  CHECK(std::get<std::string>(sample[0]) == "xab");
  CHECK(std::get<Image>(pipeline(Image({1, 1}, 1, 100)))(0, 0) == 100);  // training only
}

TEST_CASE("settings go out and come back") {
  const Transform brighten = Brighten{.most = 5};
  CHECK(brighten.has_fields());
  const Transform again = Transform(Brighten{}).with_settings(brighten.settings());
  CHECK(again.repr() == brighten.repr());
  Settings wrong{{"most", std::string("many")}};
  CHECK_THROWS_WITH(again.with_settings(wrong), "[Fields] the setting most holds a value of another type");
}

TEST_CASE("of transforms of one type the last stays") {
  const auto merged = merge_transforms({Brighten{1}, Count{}}, {Brighten{2}});
  REQUIRE(merged.size() == 2);
  CHECK(merged[0].name() == "Count");
  CHECK(merged[1].repr() == "Brighten -- {'most': 2}");
}

struct Misnamed {
  Image encodes(const Image& image) const { return image; }
};
struct NotConst {
  Image encode(const Image& image) { return image; }
};
struct WholeSample {
  void encode(Sample&, Context&) const {}
};
struct OnlyBack {
  Image decode(const Image& image) const { return image; }
};
struct OnlyLearns {
  void setup(const Sample&) {}
};
template <class T>
bool accepted(const T&) {
  return detail::does_something<T>(static_cast<const AnyMeaning*>(nullptr));
}

TEST_CASE("what would change nothing is no transform: the compiler says so") {
  CHECK_FALSE(accepted(Misnamed{}));
  CHECK_FALSE(accepted(NotConst{}));
  CHECK_FALSE(accepted([n = 0](const Image& image) mutable { return ++n, image; }));
  CHECK_FALSE(accepted([](int) { return 0; }));
  CHECK(accepted([](const Image& image) { return image; }));
  CHECK(accepted([](const Value& value) { return value; }));
  CHECK(accepted(folder_of));
  CHECK(accepted(WholeSample{}));
  CHECK(accepted(OnlyBack{}));
  CHECK(accepted(OnlyLearns{}));
  CHECK(accepted(Brighten{}));
}

struct Halve {
  Tensor encode(const Tensor& x) const { return x * 0.5; }
  TensorMask encode(const TensorMask& mask) const { return mask; }
  Tensor decode(const Tensor& x) const { return x * 2.0; }
};

TEST_CASE("a transform of Tensor is given pictures too, and they stay pictures") {
  const Transform halve = Halve{};
  Sample batch{TensorImage{tensor({2.0, 4.0})}, TensorMask{tensor({2.0})}, Points{tensor({8.0}), {3, 4}},
               tensor({6.0}), Category{1, "a"}};
  CHECK(halve.takes(batch[0]));
  CHECK_FALSE(halve.takes(batch[4]));
  Context context(1);
  halve.encode(batch, context);
  CHECK_VALUES(std::get<TensorImage>(batch[0]).tensor, ({2}), 0, 1, 2);
  CHECK_VALUES(std::get<TensorMask>(batch[1]).tensor, ({1}), 0, 2);
  CHECK_VALUES(std::get<Points>(batch[2]).xy, ({1}), 0, 4);
  CHECK(std::get<Points>(batch[2]).picture == Size{3, 4});
  CHECK_VALUES(std::get<Tensor>(batch[3]), ({1}), 0, 3);
  halve.decode(batch);
  CHECK_VALUES(std::get<TensorImage>(batch[0]).tensor, ({2}), 0, 2, 4);
  const Transform sum = [](const Tensor& x) { return x.sum().item(); };
  CHECK(std::get<Numbers>(sum(TensorImage{tensor({2.0, 4.0})})).values == std::vector<double>{6});
}

Image darker(const Image& image) { return Image(image.size(), image.channels(), image(0, 0) / 2); }
Image inverted(const Image& image) { return Image(image.size(), image.channels(), 255 - image(0, 0)); }

TEST_CASE("functions and lambdas of one form are not taken for one another") {
  const auto times = [](int by) {
    return [by](const Image& image) { return Image(image.size(), image.channels(), image(0, 0) * by); };
  };
  const std::function<Image(const Image&)> as_it_is = [](const Image& image) { return image; };
  const Transform twice = times(2);
  const Pipeline pipeline =
      merge_transforms({darker, inverted, twice}, {times(3), darker, twice, as_it_is, as_it_is});
  CHECK(pipeline.transforms().size() == 6);  // inverted, times 3, darker, twice, as it is, as it is
  CHECK(std::get<Image>(pipeline(Image({1, 1}, 1, 245)))(0, 0) == (255 - 245) * 3 / 2 * 2);
}

TEST_CASE("random numbers: an item's own stream, or Python's global one") {
  Context own(0, 5), again(0, 5), global(0);
  CHECK(own.random().random() == again.random().random());
  minitorch::python::seed(42);
  CHECK(global.random().random() == .6394267984578837);
}

TEST_CASE("IntToFloatTensor: bytes to numbers and back") {
  const IntToFloatTensor t;
  const Tensor bytes = tensor({0, 51, 255}).to(minitorch::kUint8).reshape({1, 1, 1, 3});
  CHECK_VALUES(t.encode(TensorImage{bytes}).tensor, ({1, 1, 1, 3}), 1e-6, 0, .2, 1);
  const Tensor numbers = tensor({-0.5, 0.2, 3.0}).reshape({1, 1, 1, 3});
  CHECK_VALUES(t.decode(TensorImage{numbers}).tensor, ({1, 1, 1, 3}), 0, 0, 51, 255);
  const TensorMask mask = IntToFloatTensor{.div_mask = 100}.encode(TensorMask{bytes.reshape({1, 1, 3})});
  CHECK(mask.tensor.dtype() == minitorch::kInt64);
  CHECK_VALUES(mask.tensor, ({1, 1, 3}), 0, 0, 0, 2);
}

TEST_CASE("Normalize: given statistics, or those of the first batch") {
  const Tensor x = tensor({1.0, 3.0, 10.0, 10.0}).reshape({1, 2, 1, 2});
  const Transform given = Normalize::from_stats({{1, 10}, {2, 4}});
  const Tensor y = std::get<TensorImage>(given(TensorImage{x})).tensor;
  CHECK_VALUES(y, ({1, 2, 1, 2}), 1e-6, 0, 1, 0, 0);
  Sample back{TensorImage{y}};
  given.decode(back);
  CHECK_TENSOR(std::get<TensorImage>(back[0]).tensor, x, 1e-6);
  const Transform found = Transform(Normalize{}).set_up({TensorImage{x}, tensor({1})});
  const auto settings = found.settings();
  CHECK(std::get<std::vector<double>>(settings.at("mean")) == std::vector<double>{2, 10});
  CHECK(std::get<std::vector<double>>(settings.at("std"))[0] == Approx(1.4142136));
  CHECK(std::get<std::vector<double>>(settings.at("std"))[1] == Approx(1e-7));
  CHECK_THROWS_WITH(Transform(Normalize::from_stats(imagenet_stats))(TensorImage{x}),
                    "[Normalize] 3 means for pictures of 2 channels (1, 2, 1, 2)");
}

TEST_CASE("values describe themselves") {
  CHECK(describe(Image({96, 128}, 3, 0)) == "Image 128x96x3");
  CHECK(describe(Value()) == "nothing");
  CHECK(describe(TensorImage{minitorch::ones({3, 4, 5})}) == "TensorImage of size 3x4x5");
  CHECK(describe(tensor({1, 2})) == "Tensor([1, 2])");
  CHECK(describe(Numbers{{2.5}}) == "2.5");
  CHECK(type_of(Category{}) == "Category");
}

}  // namespace
}  // namespace fastcore
