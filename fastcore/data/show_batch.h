// SPDX-License-Identifier: MIT
// Looking at batches: what a model is given, as pictures with their labels, masks and points.
#pragma once
#include <string>
#include <vector>

#include "fastcore/data/dataloader.h"
#include "fastcore/plot/image_grid.h"

namespace fastcore {

/// What show_batch shows and how.
struct ShowOptions {
  int64_t max_n = 9;
  int nrows = 0, ncols = 0;  ///< of items; 0: as grid_shape finds them
  bool unique = false;       ///< one item again and again: what augmentation does to it
  std::string path = {};     ///< a .png or .svg to write instead of showing; "": see show() in plot/show.h
  std::string title = {};    ///< above all
};

/// A sample as a picture with its title: a category by its label, several joined by ';', numbers as they are,
/// a mask laid over the picture (alpha 0.5, 20 colours over 0 ... codes), points as marks.
/// @throws ValueError when there is no picture among the inputs
GridItem grid_item(const std::vector<Value>& x, const std::vector<Value>& y, const Targets& targets);

/// The items of a batch, decoded, as a grid. An item with several pictures, or with one as its target, has
/// them side by side. @throws as grid_item
ImageGrid batch_grid(const DataLoader& loader, const Batch& batch, const ShowOptions& options = {});
/// The same for the first batch of a pass. @throws as one_batch
ImageGrid batch_grid(DataLoader& loader, const ShowOptions& options = {});

/// The same for items that are no pictures, one a line below a header: the words of a text, as the model sees
/// them, and what is to be said of it.
std::string batch_lines(const DataLoader& loader, const Batch& batch, int64_t max_n);

}  // namespace fastcore
