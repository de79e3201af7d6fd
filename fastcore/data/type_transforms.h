// SPDX-License-Identifier: MIT
// The transforms that give an item its meaning: files become pictures and masks, labels become places in a
// vocabulary, numbers and points what a model is to predict. Blocks put them together (blocks.h).
#pragma once
#include <map>
#include <string>
#include <vector>

#include "fastcore/data/transform.h"

namespace fastcore {

/// Opens a picture file; what is a picture already becomes one of these channels.
struct OpenImage {
  PixelMode mode = PixelMode::rgb;
  static constexpr const char* name = "Image::open";
  /// @throws FileError as Image::open
  Image encode(const Path& path) const;
  Image encode(const std::string& path) const { return encode(Path(path)); }
  Image encode(Image image) const;
  void fields(Fields& f);
};

/// Opens a mask file. With codes, every pixel has to be one of them.
struct OpenMask {
  std::vector<std::string> codes = {};  ///< the names of the codes 0, 1, ...
  static constexpr const char* name = "Mask::open";
  /// @throws FileError as Mask::open; IndexError naming the file and the first pixel with another code
  Mask encode(const Path& path) const;
  Mask encode(const std::string& path) const { return encode(Path(path)); }
  Mask encode(Mask mask) const;
  Targets targets() const;
  void fields(Fields& f) { f("codes", codes); }
};

/// Labels and their places.
struct Vocab {
  std::vector<std::string> labels = {};
  std::map<std::string, int64_t> places = {};

  Vocab() = default;
  explicit Vocab(std::vector<std::string> labels);
  /// The place of a label, or -1.
  int64_t find(const std::string& label) const;
};

/// The different labels among values (texts, numbers, labels of MultiCategory), missing ones left out; sorted
/// by code points, or by size where all are numbers; with `add_na`, "#na#" stands first.
Vocab find_vocab(const Sample& values, bool sort, bool add_na);

/// A label as text: numbers without needless digits. @throws ValueError for what is no label
std::string label_text(const Value& value);

/// A label becomes a Category by its place in the vocabulary, which is found in the training items unless it
/// is given.
struct Categorize {
  std::vector<std::string> vocab = {};
  bool sort = true;     ///< a given vocabulary is sorted too
  bool add_na = false;  ///< "#na#" at place 0 for labels that are missing or unknown
  Vocab known = {};

  Category encode(const std::string& label) const { return place(label); }
  Category encode(const Numbers& number) const;
  Category encode(std::monostate) const;
  void setup(const Sample& values);
  Targets targets() const;
  void fields(Fields& f);

 private:
  Category place(const std::string& label) const;
};

/// Several labels become places in a vocabulary: their sorted union, unless it is given. Numbers are labels
/// too; NaN is none.
struct MultiCategorize {
  std::vector<std::string> vocab = {};
  bool add_na = false;
  Vocab known = {};

  MultiCategory encode(MultiCategory labels) const;
  MultiCategory encode(const std::string& label) const { return encode(MultiCategory{{}, {label}}); }
  MultiCategory encode(const Numbers& labels) const;
  MultiCategory encode(std::monostate) const { return encode(MultiCategory{}); }
  void setup(const Sample& values);
  Targets targets() const;
  void fields(Fields& f);
};

/// Several categories as float32 (c): 1 where the class is there.
struct OneHotEncode {
  static constexpr double order = 2;
  minitorch::Tensor encode(const MultiCategory& categories) const;
};

/// Labels that are given as 0 and 1, or "False" and "True", for each class.
struct EncodedMultiCategorize {
  std::vector<std::string> vocab = {};
  /// @throws ShapeError unless there is a number for each class, ValueError when one of them is NaN
  minitorch::Tensor encode(const Numbers& flags) const;
  /// @throws ValueError for a text that is no flag
  minitorch::Tensor encode(const MultiCategory& flags) const;
  minitorch::Tensor encode(const std::string& flag) const { return encode(MultiCategory{{}, {flag}}); }
  Targets targets() const { return {TargetKind::multi_category, static_cast<int64_t>(vocab.size()), vocab}; }
  void fields(Fields& f) { f("vocab", vocab); }
};

/// Numbers to be predicted; also texts that are numbers, and truths: "True" is 1, "False" 0.
struct RegressionSetup {
  int64_t c = 0;  ///< how many a target has; 0: as the first training item
  /// @throws ValueError when one of them is NaN, which would spoil the weights without a word
  Numbers encode(Numbers numbers) const;
  /// @throws ValueError for a text that is no number
  Numbers encode(const std::string& text) const;
  Numbers encode(std::monostate) const;  ///< @throws ValueError
  void setup(const Sample& values);
  Targets targets() const { return {TargetKind::number, c, {}}; }
  void fields(Fields& f) { f("c", c); }
};

/// Numbers x0, y0, x1, y1, ... become points of a picture.
struct MakePoints {
  int64_t c = 0;  ///< numbers a target has; 0: as the first training item
  Points encode(const Numbers& numbers) const;
  Points encode(const Points& points) const { return {encode(points.xy).xy, points.picture}; }
  Points encode(const minitorch::Tensor& xy) const;
  Points encode(std::monostate) const;  ///< @throws ValueError, as for NaN
  void setup(const Sample& values);
  Targets targets() const { return {TargetKind::points, c, {}}; }
  void fields(Fields& f) { f("c", c); }
};

FC_DECLARE_TRANSFORM(OpenImage)
FC_DECLARE_TRANSFORM(OpenMask)
FC_DECLARE_TRANSFORM(Categorize)
FC_DECLARE_TRANSFORM(MultiCategorize)
FC_DECLARE_TRANSFORM(OneHotEncode)
FC_DECLARE_TRANSFORM(EncodedMultiCategorize)
FC_DECLARE_TRANSFORM(RegressionSetup)
FC_DECLARE_TRANSFORM(MakePoints)

}  // namespace fastcore
