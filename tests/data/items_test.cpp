// SPDX-License-Identifier: MIT
// Splitters, getters, labels, item transforms.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "fastcore/data/blocks.h"
#include "fastcore/data/getters.h"
#include "fastcore/data/splitters.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/core/random.h"
#include "minitorch/tensor/factories.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::tensor;
using Places = std::vector<int64_t>;

Items some(int64_t n) { return Items(std::vector<Value>(static_cast<std::size_t>(n))); }
Places head(const Places& all, std::size_t n) { return {all.begin(), all.begin() + static_cast<long>(n)}; }

TEST_CASE("RandomSplitter draws fastai's splits from its seed") {
  const Splits splits = RandomSplitter{.valid_pct = 0.2, .seed = 42}(some(891));
  REQUIRE(splits[1].size() == 178);
  CHECK(head(splits[1], 10) == Places{303, 778, 531, 385, 134, 476, 691, 443, 386, 128});
  CHECK(splits[1].back() == 489);
  CHECK(std::accumulate(splits[1].begin(), splits[1].end(), int64_t{0}) == 79495);
  CHECK(head(splits[0], 5) == Places{788, 525, 821, 253, 374});
  const Splits pets = RandomSplitter{.seed = 42}(some(7390));
  CHECK(head(pets[1], 8) == Places{4512, 4290, 5770, 706, 2200, 4320, 6450, 501});
  CHECK(std::accumulate(pets[1].begin(), pets[1].end(), int64_t{0}) == 5470884);
}

TEST_CASE("splitters in three: train, valid, test") {
  const Splits splits = RandomSplitter{.valid_pct = 0.2, .seed = 1, .test_pct = 0.1}(some(50));
  REQUIRE(splits.size() == 3);
  CHECK(splits[0].size() == 35);
  CHECK(splits[1].size() == 10);
  CHECK(splits[2].size() == 5);
  CHECK_THROWS_WITH((RandomSplitter{.valid_pct = 0.8, .test_pct = 0.5}(some(5))),
                    "[RandomSplitter] valid_pct + test_pct 1.3: expected a share of the items, 0 to 1");
}

TEST_CASE("the other splitters") {
  const Items files{Path("d/train/a/1.png"), Path("d/valid/a/2.png"), Path("d/test/a/3.png"),
                    Path("d/train/b/4.png")};
  CHECK(GrandparentSplitter{}(files) == Splits{{0, 3}, {1}});
  CHECK(GrandparentSplitter{.test_name = {"test"}}(files) == Splits{{0, 3}, {1}, {2}});
  CHECK_THROWS_WITH(GrandparentSplitter{}(some(1)),
                    "[GrandparentSplitter] the items are no paths: the first other is nothing (nothing)");
  CHECK(IndexSplitter{.valid_idx = {3, 1}}(some(5)) == Splits{{0, 2, 4}, {3, 1}});
  CHECK_THROWS_WITH(IndexSplitter{{5}}(some(5)), "[IndexSplitter] item 5 of 5");
  CHECK(EndSplitter{.valid_pct = 0.5}(some(5)) == Splits{{0, 1, 2}, {3, 4}});
  CHECK(EndSplitter{.valid_pct = 0.5, .valid_last = false}(some(5)) == Splits{{2, 3, 4}, {0, 1}});
  CHECK(FuncSplitter{[](const Path& p) { return p.stem() > "2"; }}(files) == Splits{{0, 1}, {2, 3}});
  CHECK_THROWS_WITH(FuncSplitter{[](const std::string&) { return true; }}(files),
                    "[FuncSplitter] the function does not take d/train/a/1.png (Path)");
  CHECK(MaskSplitter{{true, false, true}}(some(3)) == Splits{{1}, {0, 2}});
  CHECK_THROWS_AS(MaskSplitter{{true}}(some(3)), minitorch::ShapeError);
  const Path list = "/tmp/data_items_test_valid.txt";
  list.write_text("2.png\n4.png\n");
  CHECK(FileSplitter{list}(files) == Splits{{0, 2}, {1, 3}});
  list.unlink();
  const Splits subset = RandomSubsetSplitter{.train_sz = 0.4, .valid_sz = 0.2, .seed = 42}(some(10));
  CHECK(subset == Splits{{2, 6, 1, 8}, {4, 5}});
  CHECK(TrainTestSplitter{.test_size = 0.3, .shuffle = false}(some(5)) == Splits{{0, 1, 2}, {3, 4}});
  CHECK(TrainTestSplitter{.test_size = 0.2, .train_size = 0.5, .shuffle = false}(some(10)) ==
        Splits{{0, 1, 2, 3, 4}, {5, 6}});
  CHECK(TrainTestSplitter{.test_size = 0.2, .random_state = 42, .train_size = 0.3}(some(10)) ==
        Splits{{5, 0, 7}, {8, 1}});
  CHECK_THROWS_WITH(TrainTestSplitter{.test_size = 2}(some(5)),
                    "[TrainTestSplitter] test_size 2: expected a share of the items, 0 to 1");
  // scikit-learn with numpy's seed 42: permutation(10) starts with 8 1.
  CHECK((TrainTestSplitter{.random_state = 42}(some(10))) == Splits{{5, 0, 7, 2, 9, 4, 3, 6}, {8, 1}});
}

TEST_CASE("TrainTestSplitter stratifies as scikit-learn does") {
  L<std::string> irises, letters;
  for (int i = 0; i < 150; ++i) irises.append(std::to_string(i / 50));
  for (const char c : std::string("aabbbbaacabbcabbbacb")) letters.append(std::string(1, c));
  const Splits flowers = TrainTestSplitter{.random_state = 42, .stratify = irises}(some(150));
  CHECK(head(flowers[1], 10) == Places{38, 127, 57, 93, 42, 56, 22, 20, 147, 84});
  CHECK(head(flowers[0], 10) == Places{8, 106, 76, 9, 89, 146, 94, 133, 135, 117});
  CHECK(std::accumulate(flowers[1].begin(), flowers[1].end(), int64_t{0}) == 2217);
  CHECK(TrainTestSplitter{.test_size = 0.25, .random_state = 7, .stratify = letters}(some(20)) ==
        Splits{{0, 2, 13, 11, 18, 19, 4, 7, 17, 5, 12, 14, 6, 3, 10}, {8, 16, 1, 9, 15}});
  CHECK(TrainTestSplitter{.test_size = 0.25, .random_state = 7, .stratify = letters, .train_size = 0.5}(
            some(20)) == Splits{{10, 5, 17, 11, 19, 18, 0, 9, 6, 2}, {14, 12, 4, 3, 13}});
  minitorch::numpy::seed(3);
  CHECK(TrainTestSplitter{.test_size = 0.3, .stratify = letters}(some(20)) ==
        Splits{{5, 14, 8, 7, 15, 4, 18, 13, 17, 3, 10, 1, 9, 19}, {12, 2, 0, 6, 16, 11}});
  CHECK(minitorch::numpy::random() == 0.5527719503903767);
  CHECK_THROWS_WITH((TrainTestSplitter{.stratify = {"a", "b", "b"}}(some(3))),
                    "[TrainTestSplitter] the label 'a' has 1 item: it cannot train and validate");
  CHECK_THROWS_WITH((TrainTestSplitter{.stratify = {"a", "a", "b", "b", "c", "c"}}(some(6))),
                    "[TrainTestSplitter] 4 items train and 2 validate: too few for 3 labels");
  CHECK_THROWS_WITH((TrainTestSplitter{.stratify = {"a"}}(some(2))),
                    "[TrainTestSplitter] stratify has 1 labels for 2 items");
  CHECK_THROWS_AS((TrainTestSplitter{.stratify = {"a", "a"}, .shuffle = false}(some(2))),
                  minitorch::ValueError);
}

TEST_CASE("getters") {
  CHECK(parent_label(Path("images/bird/1.jpg")) == "bird");
  CHECK(Transform(parent_label).name() == "parent_label");
  const RegexLabeller breed(R"(^(.*)_\d+.jpg$)");
  CHECK(breed(std::string("great_pyrenees_173.jpg")) == "great_pyrenees");
  const Transform by_name = using_attr(breed, &Path::name);
  CHECK(std::get<std::string>(by_name(Path("a/b/beagle_3.jpg"))) == "beagle");
  CHECK(std::get<std::string>(Transform(RegexLabeller(R"(/([^/]+)_\d+.jpg$)"))(Path("a/beagle_3.jpg"))) ==
        "beagle");
  CHECK_THROWS_WITH(breed(Path("a.png")), R"([RegexLabeller] no match of '^(.*)_\\d+.jpg$' in 'a.png')");
  CHECK_THROWS_AS(RegexLabeller("("), minitorch::ValueError);
  CHECK_THROWS_WITH(RegexLabeller("a"), "[RegexLabeller] 'a' has no group");
  const Transform again = Transform(RegexLabeller()).with_settings(by_name.settings());
  CHECK(std::get<std::string>(again(Path("a/b/beagle_3.jpg"))) == "beagle");
  const Transform is_cat = using_attr([](const std::string& name) { return name[0] == 'B'; }, &Path::name);
  CHECK(std::get<std::string>(is_cat(Path("a/Bombay_1.jpg"))) == "True");
  CHECK(std::get<std::string>(is_cat(Path("B/beagle_3.jpg"))) == "False");
  const Path file = "a/b/beagle_3.jpg";
  for (const auto& [attr, value] : {std::pair<const char*, const char*>{"name", "beagle_3.jpg"},
                                    {"stem", "beagle_3"},
                                    {"suffix", ".jpg"}})
    CHECK(std::get<std::string>(Transform(AttrGetter{attr})(file)) == value);
  CHECK(std::get<Path>(Transform(AttrGetter{"parent"})(file)) == Path("a/b"));
  CHECK(Transform(AttrGetter{}).with_settings(Transform(AttrGetter{"stem"}).settings()).repr() ==
        "AttrGetter -- {'attr': 'stem'}");
  CHECK_THROWS_WITH(AttrGetter{"nam"}(file), "[AttrGetter] a path has no 'nam'");
  const Transform label = ItemGetter{1};
  CHECK(std::get<std::string>(label(Tuple({Path("a"), std::string("cat")}))) == "cat");
  CHECK_THROWS_WITH(label(Tuple({Path("a")})), "[ItemGetter] part 1 of an item of 1");
}

TEST_CASE("Categorize: a sorted vocabulary from the training items") {
  const Transform t = Transform(Categorize{})
                          .set_up({std::string("sea"), std::string("Bird"), Value(), std::string("sea"),
                                   std::string("forest")});
  CHECK(t.targets()->vocab == std::vector<std::string>{"Bird", "forest", "sea"});
  CHECK(std::get<Category>(t(std::string("sea"))).index == 2);
  try {
    t(std::string("forrest"));
    FAIL("no error");
  } catch (const minitorch::ValueError& error) {
    CHECK(std::string(error.what()) ==
          "[Categorize] the label 'forrest' is not in the vocabulary: Bird, forest, sea");
    CHECK(error.hint() == "did you mean 'forest'?");
  }
  CHECK_THROWS_WITH(t(Value()), "[Categorize] an item has no label");
  CHECK(Transform(Categorize{}).repr() == "Categorize -- {'vocab': None, 'sort': True, 'add_na': False}");
}

TEST_CASE("Categorize: numbers by size, a given order, unknown labels as #na#") {
  const Transform numbers =
      Transform(Categorize{}).set_up({Numbers{{10}}, Numbers{{9}}, Numbers{{2.5}}, Numbers{{9}}});
  CHECK(numbers.targets()->vocab == std::vector<std::string>{"2.5", "9", "10"});
  CHECK(std::get<Category>(numbers(Numbers{{10}})).index == 2);
  const Transform given = Transform(Categorize{.vocab = {"b", "a"}, .sort = false}).set_up({});
  CHECK(std::get<Category>(given(std::string("a"))).index == 1);
  const Transform lenient = Transform(Categorize{.add_na = true}).set_up({std::string("x")});
  CHECK(lenient.targets()->vocab == std::vector<std::string>{"#na#", "x"});
  CHECK(std::get<Category>(lenient(std::string("y"))).index == 0);
  CHECK(std::get<Category>(lenient(Value())).label == "#na#");
  const Transform again = Transform(Categorize{}).with_settings(given.settings());
  CHECK(std::get<Category>(again(std::string("a"))).index == 1);
}

TEST_CASE("several labels become a row of flags") {
  const TransformBlock block = MultiCategoryBlock{};
  Sample labels{MultiCategory{{}, {"road", "clear"}}, MultiCategory{{}, {"water"}}};
  const Transform known = block.type_tfms[0].set_up(labels);
  CHECK(known.targets()->vocab == std::vector<std::string>{"clear", "road", "water"});
  const Pipeline pipeline{block.type_tfms[1], known};
  CHECK_VALUES(std::get<minitorch::Tensor>(pipeline(labels[0])), ({3}), 0, 1, 1, 0);
  CHECK_VALUES(std::get<minitorch::Tensor>(pipeline(MultiCategory{})), ({3}), 0, 0, 0, 0);
  const Transform encoded = EncodedMultiCategorize{{"a", "b"}};
  CHECK_VALUES(std::get<minitorch::Tensor>(encoded(Numbers{{0, 1}})), ({2}), 0, 0, 1);
  CHECK_THROWS_WITH(encoded(Numbers{{1}}), "[EncodedMultiCategorize] 1 flags for 2 classes");
  CHECK_VALUES(std::get<minitorch::Tensor>(encoded(MultiCategory{{}, {"True", "False"}})), ({2}), 0, 1, 0);
  CHECK_VALUES(std::get<minitorch::Tensor>(encoded(to_value(std::vector<bool>{false, true}))), ({2}), 0, 0,
               1);
}

TEST_CASE("several labels may be numbers, one or more a picture; a missing one is no label") {
  const TransformBlock block = MultiCategoryBlock{};
  const Transform known =
      block.type_tfms[0].set_up({Numbers{{10, 2}}, Numbers{{9}}, Numbers{{std::nan(""), 2}}});
  CHECK(known.targets()->vocab == std::vector<std::string>{"2", "9", "10"});
  const Pipeline pipeline{block.type_tfms[1], known};
  CHECK_VALUES(std::get<minitorch::Tensor>(pipeline(Numbers{{10, 2}})), ({3}), 0, 1, 0, 1);
  CHECK_VALUES(std::get<minitorch::Tensor>(pipeline(Numbers{{9}})), ({3}), 0, 0, 1, 0);
  CHECK_VALUES(std::get<minitorch::Tensor>(pipeline(Numbers{{std::nan(""), 2}})), ({3}), 0, 1, 0, 0);
  CHECK_THROWS_WITH(pipeline(Numbers{{3}}),
                    "[MultiCategorize] the label '3' is not in the vocabulary: 2, 9, 10");
  CHECK_THROWS_WITH(Transform(Categorize{}).set_up({Numbers{{1, 2}}}),
                    "[Categorize] no label: [1.0, 2.0] (Numbers)");
}

TEST_CASE("numbers and points") {
  const Transform number = Transform(RegressionSetup{}).set_up({Numbers{{1, 2}}});
  CHECK(number.targets()->c == 2);
  CHECK(std::get<Numbers>(number(std::string("-1.5e2"))).values[0] == -150);
  CHECK_THROWS_WITH(number(std::string("two")), "[RegressionSetup] 'two' is no number");
  CHECK(std::get<Numbers>(number(std::string("True"))).values[0] == 1);
  CHECK(std::get<Numbers>(number(std::string("False"))).values[0] == 0);
  Sample sample{Image({10, 20}, 3, 0), Points{tensor({{20.0, 0.0}, {10.0, 5.0}})}};
  const TransformBlock block = PointBlock{};
  Context context(1);
  Pipeline(block.item_tfms).encode(sample, context);
  CHECK_VALUES(std::get<Points>(sample[1]).xy, ({2, 2}), 1e-6, 1, -1, 0, 0);
}

TEST_CASE("a point that is missing is refused, as a number is") {
  const Transform points = MakePoints{};
  CHECK(std::get<Points>(points(Numbers{{1, 2}})).xy.shape() == minitorch::Shape{1, 2});
  CHECK(std::get<Points>(points(Points{tensor({{1.0, 2.0}}), {10, 20}})).picture == Size{10, 20});
  for (const Value& missing : {Value(Numbers{{1, NAN}}), Value(tensor({{1.0, 2.0}, {3.0, double(NAN)}})),
                               Value(Points{tensor({{double(NAN), 2.0}})}), Value(std::monostate())})
    CHECK_THROWS_WITH(points(missing), "[MakePoints] an item has no point, or one with NaN");
}

// 6 high, 10 wide: bytes count over rows, columns and channels.
Image counting() {
  Image image = Image::uninitialized({6, 10}, 3);
  for (int64_t i = 0; i < image.bytes(); ++i) image.data()[i] = static_cast<uint8_t>(i);
  return image;
}
std::vector<int> red_row(const Value& value) {
  const Image& image = std::get<Image>(value);
  std::vector<int> row;
  for (int x = 0; x < image.width(); ++x) row.push_back(image(0, x, 0));
  return row;
}

TEST_CASE("Resize: fastai's numbers, in training from two draws, the mask and the points along with it") {
  CHECK(red_row(Transform(Resize{.size = 4, .method = squish})(counting())) ==
        std::vector<int>{14, 21, 28, 35});
  CHECK(red_row(Transform(Resize{.size = 4})(counting())) == std::vector<int>{18, 22, 27, 31});
  Resize crop{.size = 4};
  CHECK(red_row(crop.encode(counting(), {.134364, .847434})) == std::vector<int>{12, 16, 21, 25});
  Sample sample{counting(), Mask(Image({6, 10}, 1, 3)), Points{tensor({{5.0, 3.0}}), {6, 10}}};
  Context context(0, 99);
  Transform(crop).encode(sample, context);
  CHECK(std::get<Mask>(sample[1]).size() == Size{4, 4});
  CHECK(std::get<Points>(sample[2]).picture == Size{4, 4});
  minitorch::python::Random same(99);
  const double px = same.random();
  const int left = static_cast<int>(px * (10 - 6));
  CHECK_VALUES(std::get<Points>(sample[2]).xy, ({1, 2}), 1e-6, (5.0 - left) * 4 / 6, 2);
  CHECK((Transform(Resize{.size = {4, 8}})(counting())).index() == Value(Image()).index());
  CHECK(Transform(Resize{.size = 192, .method = squish}).repr() ==
        "Resize -- {'size': (192, 192), 'method': 'squish', 'pad_mode': 'reflection', 'filter': 'bilinear'}");
}

TEST_CASE("RatioResize crops what rounding leaves over, at fastai's random places, in validation, too") {
  struct Case {
    Size picture;
    int max_sz;
    uint64_t seed;
    Size size;
    std::array<int, 3> first, last;
    int sum;
    double next;  // of Python's generator
  };
  for (const Case& c :
       {Case{{20, 30}, 8, 3, {5, 8}, {126, 122, 131}, {134, 123, 128}, 15312, 0.369955166548},
        Case{{30, 20}, 8, 5, {8, 5}, {122, 130, 135}, {132, 132, 117}, 15289, 0.795193565567},
        Case{{20, 30}, 40, 1, {26, 40}, {0, 239, 222}, {29, 12, 251}, 397601, 0.763774618977},
        Case{{49, 49}, 8, 2, {8, 8}, {129, 131, 129}, {121, 120, 123}, 24459, 0.056551367727}}) {
    Image image = Image::uninitialized(c.picture, 3);
    for (int64_t k = 0; k < image.bytes(); ++k)
      image.data()[k] = static_cast<uint8_t>(k * 7919 + k / c.picture.width * 104729);
    Context validation(1, c.seed);
    Sample sample{image};
    Transform(RatioResize{.max_sz = c.max_sz}).encode(sample, validation);
    const Image& small = std::get<Image>(sample[0]);
    CHECK(small.size() == c.size);
    for (int i = 0; i < 3; ++i) {
      CHECK(small(0, 0, i) == c.first[static_cast<std::size_t>(i)]);
      CHECK(small(c.size.height - 1, c.size.width - 1, i) == c.last[static_cast<std::size_t>(i)]);
    }
    CHECK(std::accumulate(small.data(), small.data() + small.bytes(), 0) == c.sum);
    CHECK(validation.random().random() == Approx(c.next));
  }
  // A mask and points are cut where their picture is, and each draws two numbers.
  Sample sample{counting(), Mask(Image({6, 10}, 1, 3)), Points{tensor({{1.0, 2.0}}), {6, 10}}};
  sample.front() = Category{};
  Context training(0, 3), others(0, 3);
  const double px = others.random().random(), py = others.random().random();
  Transform(RatioResize{.max_sz = 4}).encode(sample, training);
  const Resize same{.size = {2, 4}};
  CHECK(std::get<Mask>(sample[1]).codes() == same.encode(Mask(Image({6, 10}, 1, 3)), {px, py}).codes());
  CHECK(std::get<Points>(sample[2]).xy.to_vector<float>() ==
        same.encode(Points{tensor({{1.0, 2.0}}), {6, 10}}, {px, py}).xy.to_vector<float>());
  for (int i = 0; i < 2; ++i) others.random().random();
  CHECK(training.random().random() == others.random().random());
}

TEST_CASE("random crops, flips and turns") {
  Context training(0, 3), validation(1, 3);
  const Transform rrc = RandomResizedCrop{.size = 4, .min_scale = 0.5};
  Sample sample{counting(), Mask(Image({6, 10}, 1, 3))};
  rrc.encode(sample, training);
  CHECK(std::get<Image>(sample[0]).size() == Size{4, 4});
  CHECK(std::get<Mask>(sample[1]).size() == Size{4, 4});
  CHECK_THROWS_WITH(Transform(RandomCrop{.size = 4})(Category{}),
                    "[RandomCrop] no picture or mask in the sample (Category)");
  sample = {counting()};
  Transform(RandomCrop{.size = 4}).encode(sample, validation);
  CHECK(std::get<Image>(sample[0])(0, 0, 0) == counting()(1, 3, 0));
  CHECK(std::get<Image>(Transform(CropPad{.size = {8, 12}})(counting()))(0, 0, 0) == 0);
  CHECK(std::get<Image>(Transform(RatioResize{.max_sz = 5})(counting())).size() == Size{3, 5});
  sample = {counting(), Points{tensor({{1.0, 2.0}}), {6, 10}}};
  Transform(FlipItem{.p = 1}).encode(sample, training);
  CHECK(std::get<Image>(sample[0])(0, 0, 0) == counting()(0, 9, 0));
  CHECK_VALUES(std::get<Points>(sample[1]).xy, ({1, 2}), 0, 9, 2);
  // A point in the middle of a marked pixel stays there through all eight symmetries.
  Image marked({6, 10}, 1, 0);
  marked(2, 1) = 255;
  const Points middle{tensor({{1.5, 2.5}}), {6, 10}};
  for (int k = 0; k < 8; ++k) {
    const Image turned = DihedralItem().encode(marked, k);
    const Points at = DihedralItem().encode(middle, k);
    const auto xy = at.xy.to_vector<double>();
    CHECK(at.picture == turned.size());
    CHECK(turned(static_cast<int>(xy[1]), static_cast<int>(xy[0])) == 255);
  }
}

TEST_CASE("ToTensor and back") {
  const Value planes = Transform(ToTensor{})(counting());
  CHECK(std::get<TensorImage>(planes).tensor.shape() == minitorch::Shape{3, 6, 10});
  CHECK(std::get<TensorImage>(planes).tensor.to_vector<int64_t>()[61] == counting()(0, 1, 1));
  Sample back{planes};
  Transform(ToTensor{}).decode(back);
  CHECK(std::get<Image>(back[0]) == counting());
}

TEST_CASE("a mask with codes beyond its list is refused by name and place") {
  Image codes({2, 2}, 1, 0);
  codes(1, 0) = 7;
  const std::string file = "/tmp/data_items_test_mask.png";
  Mask(codes).save(file);
  const Transform open = OpenMask{{"road", "sky"}};
  CHECK_THROWS_WITH(open(Path(file)),
                    "[Mask] " + file + ": code 7 at row 1, column 0, but there are 2 classes (0 to 1)");
  CHECK(std::get<Mask>(Transform(OpenMask{})(Path(file)))(1, 0) == 7);
  Path(file).unlink();
}

}  // namespace
}  // namespace fastcore
