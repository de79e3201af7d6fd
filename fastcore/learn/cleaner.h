// SPDX-License-Identifier: MIT
// Cleaning: a trained model finds the pictures whose labels it can hardly believe; a person looks at them and
// says what becomes of each. The pictures are numbered PNGs, the answers a table that any editor opens.
//
//     auto cleaner = ImageClassifierCleaner(learn);
//     cleaner.write(folder);  // train_bird.png, valid_bird.png, ... and clean.csv
//
//     auto cleaner = ImageClassifierCleaner(folder / "clean.csv");  // once its last column is filled in
//     for (auto idx : cleaner.removed()) cleaner.fns[idx].unlink();
//     for (auto& [idx, cat] : cleaner.changed()) move_picture(cleaner.fns[idx], path / cat);
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fastcore/learn/learner.h"
#include "fastcore/plot/image_grid.h"

namespace fastcore {

/// Options of ImageClassifierCleaner.
struct CleanerOptions {
  int64_t max_n = 30;  ///< pictures of each class, in training and in validation
};

/// The pictures of each class with the largest losses, and what is to become of them. Nothing here changes a
/// file: that is left to who has read the answers.
class ImageClassifierCleaner {
 public:
  /// What is known about a picture, in the words of the table.
  struct Row {
    std::string split;      ///< "train" or "valid"
    std::string label;      ///< what the data say it is
    std::string predicted;  ///< what the model says
    double probability;     ///< of that
    double loss;            ///< of the label
    std::string change_to;  ///< "": keep it; "delete"; or the class that it belongs to
  };

  /// Asks a learner of pictures in files. Training pictures are seen as in validation, so that no random crop
  /// makes one of them look bad.
  /// @throws ValueError when the targets are no classes, the loss has no decodes that finds one, or items are
  /// no files
  explicit ImageClassifierCleaner(Learner& learn, const CleanerOptions& options = {});
  /// Reads what write() wrote and somebody has edited.
  /// @throws FileError for a table with other columns; ValueError naming the number of a picture whose last
  /// column is neither empty, "keep", "delete" nor a class, with the nearest
  explicit ImageClassifierCleaner(const Path& csv);

  L<Path> fns;  ///< the files: train before valid, class by class, the largest loss first, NaN before
  std::vector<Row> rows;   ///< one for each
  L<std::string> classes;  ///< those that there are

  /// The pictures of a class with their numbers, their places in fns: what the model says, and how sure it
  /// is. Green where that is the label. @throws FileError for a file that is gone
  ImageGrid grid(const std::string& split, const std::string& label) const;
  /// Writes a grid for each class and split, SPLIT_CLASS.png, and the table clean.csv. @throws FileError
  void write(const Path& folder) const;

  /// Says what becomes of a picture. @throws ValueError as reading a table; IndexError for no such number
  void mark(int64_t idx, const std::string& change_to);
  /// The numbers marked "delete".
  std::vector<int64_t> removed() const;
  /// The numbers marked with another class than theirs, and that class.
  std::vector<std::pair<int64_t, std::string>> changed() const;
};

/// Moves a file into a folder, which is made; a name that is taken there gets a number: bird.jpg becomes
/// bird_1.jpg. @returns the new path. @throws FileError when it cannot
Path move_picture(const Path& file, const Path& folder);

}  // namespace fastcore
