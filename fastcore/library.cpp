// SPDX-License-Identifier: MIT
// Everything of the library that an exported learner may name. It stands above the folders because none of
// those that load an export knows all applications.
#include "fastcore/collab/specs.h"
#include "fastcore/data/item_loader.h"
#include "fastcore/learn/export.h"
#include "fastcore/tabular/specs.h"
#include "fastcore/text/loaders.h"
#include "fastcore/vision/specs.h"

namespace fastcore {
namespace {

bool has_texts(const DataLoader& loader) {
  if (dynamic_cast<const LMLoader*>(&loader) || dynamic_cast<const TextLoader*>(&loader)) return true;
  const auto* items = dynamic_cast<const ItemLoader*>(&loader);
  if (!items) return false;
  for (const Pipeline& pipeline : items->dataset().pipelines())
    for (const Transform& transform : pipeline.transforms())
      if (transform.name() == "Numericalize") return true;
  return false;
}

std::optional<std::string> refuse_texts(const DataLoaders& dls) {
  if (!has_texts(dls.valid())) return {};
  throw minitorch::ValueError("[export] not yet for texts: a tokeniser and its words cannot be written down",
                              "keep the weights: learn.save(\"name\"); a program that makes the same loaders "
                              "and the same learner takes them up by learn.load(\"name\")");
}

}  // namespace

void register_library() {
  register_vision_models();
  register_tabular();
  register_collab_models();
  register_data({"texts", refuse_texts, [](const std::string&) -> DataLoaders {
                   throw minitorch::ValueError("[load_learner] not yet for texts",
                                               "use learn.save and learn.load");
                 }});
}

}  // namespace fastcore
