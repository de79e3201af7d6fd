// SPDX-License-Identifier: MIT
// Cleaning: wrong labels come first, answers go through a file and are checked.
#include "fastcore/learn/cleaner.h"

#include <cstdlib>
#include <filesystem>

#include "fastcore/data/augment.h"
#include "fastcore/data/data_block.h"
#include "fastcore/frame/csv.h"
#include "tests/learn/synth.h"
#include "tests/temp_folder.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

// Ten grey squares in the folders black and white, of which black/2 is white, and a net that sees how bright
// they are.
struct Squares : private TempFolder {
  const Path path = TempFolder::path;
  Squares() {
    for (int i = 0; i < 5; ++i) {
      const int black = i == 2 ? 250 : 10 * i;
      for (const auto& [folder, grey] : {std::pair{"black", black}, {"white", 255 - 10 * i}}) {
        (path / folder).mkdir({.exist_ok = true});
        Image({8, 8}, 3, static_cast<uint8_t>(grey))
            .save((path / folder / (std::to_string(i) + ".png")).str());
      }
    }
  }
  Learner learner() const {
    auto dls = DataBlock{.blocks = {ImageBlock{}, CategoryBlock{}},
                         .get_items = get_image_files,
                         .splitter = FuncSplitter{[](const Path& file) { return file.stem() == "4"; }},
                         .get_y = parent_label,
                         .batch_tfms = {Rotate{.max_deg = 45, .p = 1, .how = {.pad_mode = PadMode::zeros}}}}
                   .dataloaders(path, {.bs = 3});
    nn::Linear head{3, 2};
    const NoGrad no_grad;
    head->weight.copy_(tensor({{-2., -2., -2.}, {2., 2., 2.}}));
    head->bias.copy_(tensor({3., -3.}));
    return Learner(dls, nn::Sequential(nn::AdaptiveAvgPool2d(1), nn::Flatten(), head));
  }
};

}  // namespace

TEST_CASE("the cleaner lists each class's least credible pictures, without augmentation") {
  const QuietTerminal quiet;
  const Squares squares;
  Learner learn = squares.learner();
  const ImageClassifierCleaner cleaner(learn, {.max_n = 3});
  REQUIRE(cleaner.fns.size() == 8);  // three of four black ones, three white ones; one of each validates
  CHECK(cleaner.classes == L<std::string>{"black", "white"});
  CHECK(cleaner.fns[0] == squares.path / "black" / "2.png");
  CHECK(cleaner.fns[1] == squares.path / "black" / "3.png");  // the brightest of the others
  CHECK(cleaner.fns[3] == squares.path / "white" / "3.png");
  CHECK(cleaner.fns[6] == squares.path / "black" / "4.png");
  const auto& worst = cleaner.rows[0];
  CHECK((worst.split == "train" && worst.label == "black" && worst.predicted == "white"));
  const double logit = 6 * 250 / 255. - 3;
  CHECK(worst.loss == Approx(std::log(1 + std::exp(2 * logit))).epsilon(1e-5));
  CHECK(worst.probability == Approx(1 / (1 + std::exp(-2 * logit))).epsilon(1e-5));
  CHECK(cleaner.rows[6].split == "valid");
  const ImageGrid grid = cleaner.grid("train", "black");
  REQUIRE(grid.items.size() == 3);
  CHECK(grid.items[0].title == "0: white 1.00");
  CHECK(grid.items[0].ink == Ink::bad);
  CHECK(grid.items[1].ink == Ink::good);
}

TEST_CASE("the cleaner refuses a loss that does not say which class is meant") {
  const QuietTerminal quiet;
  const Squares squares;
  Learner learn = squares.learner();
  learn.loss_func = [](const Tensor& p, const Tensor& t) { return cross_entropy(p, t); };
  CHECK_THROWS_WITH(
      ImageClassifierCleaner(learn),
      Catch::StartsWith("[ImageClassifierCleaner] the loss (a function of one's own) does not say"));
}

TEST_CASE("answers go through the file clean.csv, and the files follow them") {
  const QuietTerminal quiet;
  const Squares squares;
  Learner learn = squares.learner();
  ImageClassifierCleaner(learn).write(squares.path / "clean");
  for (const char* name : {"train_black.png", "train_white.png", "valid_black.png", "valid_white.png"})
    CHECK((squares.path / "clean" / name).is_file());
  const Path csv = squares.path / "clean" / "clean.csv";
  std::string text = csv.read_text();
  CHECK(text.rfind("number,file,split,label,predicted,probability,loss,change_to\n0,", 0) == 0);
  const auto answer = [&](const std::string& file, const std::string& what) {
    const auto line = text.find(file), end = text.find('\n', line);
    REQUIRE(line != std::string::npos);
    text.replace(end, 0, what);
  };
  CHECK(text.find("," + std::filesystem::absolute((squares.path / "black" / "2.png").str()).native() + ",") !=
        std::string::npos);  // for who reads it from another folder
  answer("black/2.png", "white");
  answer("white/0.png", "delete");
  answer("white/1.png", "keep");
  answer("white/2.png", "white");
  csv.write_text(text);

  const ImageClassifierCleaner cleaner(csv);
  REQUIRE(cleaner.fns.size() == 10);
  REQUIRE(cleaner.removed().size() == 1);
  CHECK(cleaner.fns[cleaner.removed()[0]].name() == "0.png");
  REQUIRE(cleaner.changed().size() == 1);
  const auto [idx, label] = cleaner.changed()[0];
  CHECK((idx == 0 && label == "white"));
  const Path moved = move_picture(cleaner.fns[idx], squares.path / label);  // white/2.png is there already
  CHECK(moved == squares.path / "white" / "2_1.png");
  CHECK(Image::open(moved.str())(0, 0) == 250);
  CHECK(Image::open((squares.path / "white" / "2.png").str())(0, 0) == 235);
  CHECK_FALSE((squares.path / "black" / "2.png").exists());
}

TEST_CASE("answers that make no sense are refused") {
  const QuietTerminal quiet;
  const Squares squares;
  Learner learn = squares.learner();
  ImageClassifierCleaner cleaner(learn);
  CHECK_THROWS_WITH(
      cleaner.mark(1, "whit"),
      "[ImageClassifierCleaner] picture 1 is to become 'whit', which is neither keep, delete nor a class");
  CHECK_THROWS_AS(cleaner.mark(10, "white"), IndexError);
  cleaner.mark(1, "white");
  cleaner.mark(1, "keep");
  CHECK(cleaner.changed().empty());
  const Path csv = squares.path / "other.csv";
  csv.write_text("name,label\na.png,b\n");
  CHECK_THROWS_WITH(ImageClassifierCleaner(csv),
                    "[ImageClassifierCleaner] " + csv.str() + " is no table that a cleaner wrote");
  Learner numbers(line_data(), line_model());
  CHECK_THROWS_WITH(ImageClassifierCleaner(numbers),
                    "[ImageClassifierCleaner] the targets are no classes, one for each item");
}
