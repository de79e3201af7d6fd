// SPDX-License-Identifier: MIT
// PipelineSpec: all that prediction needs to know of the data, as JSON: which transforms with which settings,
// and the vocabulary. It is data, not code: a function of the learner's own is in it by its name only, and a
// program that reads it has to know that name:
//
//     const Transform is_cat = register_transform("is_cat", [](const Path& p) { ... });
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "fastcore/data/blocks.h"
#include "fastcore/data/dataloaders.h"
#include "fastcore/data/transform.h"

namespace fastcore {

/// One transform: its name and settings.
struct TransformSpec {
  std::string name = {};
  Settings settings = {};

  /// @throws ValueError for texts that are not UTF-8
  std::string to_json() const;
  /// @throws FileError for text that is not such a description
  static TransformSpec from_json(const std::string& text);
};

/// Stands in an export for a function that makes targets and has no name by which another program could know
/// it: prediction does without.
struct LeftOut {
  std::string function;

  /// @throws ValueError that names the function and says how to bring it along
  [[noreturn]] void tell() const;
  void encode(Sample&, Context&) const { tell(); }
  void fields(Fields& f) { f("function", function); }
};

/// What becomes of an item in validation.
struct PipelineSpec {
  std::vector<std::vector<TransformSpec>> members = {};  ///< of a sample: inputs first, then targets
  int64_t n_inp = 1;
  std::vector<TransformSpec> after_item = {}, before_batch = {}, after_batch = {};
  Targets targets = {};
  int64_t bs = 64;

  /// @throws ValueError for texts that are not UTF-8
  std::string to_json() const;
  /// @throws FileError for text that is not such a description
  static PipelineSpec from_json(const std::string& text);
};

/// Gives a transform or function a name by which exports know it. @returns it under that name, to be used in
/// DataBlock. @throws ValueError when the library has a transform of that name
Transform register_transform(const std::string& name, const Transform& transform);

/// Makes a transform of the library, of a folder above this one, known by its own name.
void add_library_transform(const Transform& transform);

/// Makes a BeforeBatch of this name known: how it is made of its settings.
void register_before_batch(const std::string& name, std::function<BeforeBatch(const Settings&)> make);

/// The transform of a description. @throws ValueError for a name that is neither the library's nor registered
Transform make_transform(const TransformSpec& spec);

/// The description of a transform. @throws ValueError for one that make_transform would not know
TransformSpec spec_of(const Transform& transform);

/// What a DataLoaders' validation loader does. A LeftOut stands for getters of targets that have no name:
/// prediction does not need them. @throws ValueError for loaders that are not made by a DataBlock, for a
/// BeforeBatch without a name, and as spec_of
PipelineSpec pipeline_spec(const DataLoaders& dls);

/// Loaders without items that know what to do with new ones: `loaders.test_dl(items)`. @throws as
/// make_transform
DataLoaders make_dataloaders(const PipelineSpec& spec);

}  // namespace fastcore
