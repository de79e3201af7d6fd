// SPDX-License-Identifier: MIT
#include "fastcore/data/pipeline_spec.h"

#include <map>
#include <mutex>

#include "fastcore/basics/helpers.h"
#include "fastcore/data/augment.h"
#include "fastcore/data/blocks.h"
#include "fastcore/data/getters.h"
#include "fastcore/data/item_loader.h"
#include "fastcore/data/sound_blocks.h"
#include "fastcore/data/table_getters.h"

namespace fastcore {
using minitorch::ValueError;

namespace {

// Those of this folder; add_library_transform brings those of the folders above.
std::vector<Transform>& library_transforms() {
  static std::vector<Transform> all{OpenImage{},
                                    OpenMask{},
                                    Categorize{},
                                    MultiCategorize{},
                                    OneHotEncode{},
                                    RegressionSetup{},
                                    MakePoints{},
                                    EncodedMultiCategorize{},
                                    Resize{},
                                    RandomCrop{},
                                    CropPad{},
                                    RatioResize{},
                                    RandomResizedCrop{},
                                    FlipItem{},
                                    DihedralItem{},
                                    PlacePoints{},
                                    PointScaler{},
                                    ToTensor{},
                                    IntToFloatTensor{},
                                    Normalize{},
                                    parent_label,
                                    RegexLabeller{},
                                    AttrGetter{},
                                    ItemGetter{},
                                    ColReader{},
                                    AffineCoordTfm{},
                                    Flip{},
                                    Dihedral{},
                                    Rotate{},
                                    Zoom{},
                                    Warp{},
                                    LightingTfm{},
                                    Brightness{},
                                    Contrast{},
                                    Saturation{},
                                    Hue{},
                                    RandomErasing{},
                                    RandomResizedCropGPU{},
                                    OpenSound{},
                                    CutSound{},
                                    MelPicture{},
                                    StftPicture{},
                                    SeriesPicture{},
                                    LeftOut{}};
  return all;
}

struct Registry {
  std::mutex mutex;
  std::map<std::string, Transform> transforms;
  std::map<std::string, std::function<BeforeBatch(const Settings&)>> before_batch;
};
Registry& registry() {
  static Registry all;
  return all;
}

// The transform of that name; none when nobody knows it.
Transform known(const std::string& name) {
  std::lock_guard lock(registry().mutex);
  for (const Transform& transform : library_transforms())
    if (transform.name() == name) return transform;
  const auto found = registry().transforms.find(name);
  return found == registry().transforms.end() ? Transform() : found->second;
}

Pipeline made(const std::vector<TransformSpec>& specs) {
  std::vector<Transform> all;
  for (const TransformSpec& spec : specs) all.push_back(make_transform(spec));
  return Pipeline(std::move(all));
}

TransformSpec spec_of(const BeforeBatch& change) {
  std::lock_guard lock(registry().mutex);
  if (!registry().before_batch.count(change.name()))
    throw ValueError("[export] a before_batch function has no name by which another program could know it",
                     "make it as BeforeBatch(\"my_name\", settings, function), and register_before_batch(" +
                         std::string("\"my_name\", ...) in both programs"));
  return {change.name(), change.settings()};
}

BeforeBatch made_before_batch(const TransformSpec& spec) {
  std::function<BeforeBatch(const Settings&)> make;  // called without the lock: it may register others
  {
    std::lock_guard lock(registry().mutex);
    const auto found = registry().before_batch.find(spec.name);
    if (found != registry().before_batch.end()) make = found->second;
  }
  if (make) return make(spec.settings);
  throw ValueError("[make_transform] nobody here knows a before_batch function called " + repr(spec.name),
                   "a program that uses this export has to register_before_batch(" + repr(spec.name) +
                       ", ...) first, as the one that made it did");
}

// Those that run in validation.
std::vector<TransformSpec> specs_of(const Pipeline& pipeline) {
  std::vector<TransformSpec> all;
  for (const Transform& transform : pipeline.transforms())
    if (transform.runs_in(1)) all.push_back(spec_of(transform));
  return all;
}

}  // namespace

void LeftOut::tell() const {
  throw ValueError("[test_dl] the function " + function +
                       " makes the labels, and is not in the export: it has no name by which this program "
                       "could know it",
                   "register it in both programs: register_transform(\"my_name\", function), use what that "
                   "returns, and export anew");
}

Transform register_transform(const std::string& name, const Transform& transform) {
  std::lock_guard lock(registry().mutex);
  for (const Transform& other : library_transforms())
    if (other.name() == name)
      throw ValueError("[register_transform] the library has a transform " + name + " of its own",
                       "choose another name");
  const Transform named = transform.named(name);
  registry().transforms.insert_or_assign(name, named);
  return named;
}

void add_library_transform(const Transform& transform) {
  std::lock_guard lock(registry().mutex);
  for (const Transform& other : library_transforms())
    if (other.name() == transform.name()) return;
  library_transforms().push_back(transform);
}

void register_before_batch(const std::string& name, std::function<BeforeBatch(const Settings&)> make) {
  std::lock_guard lock(registry().mutex);
  registry().before_batch.insert_or_assign(name, std::move(make));
}

Transform make_transform(const TransformSpec& spec) {
  const Transform found = known(spec.name);
  if (!found) {
    L<std::string> names;
    {
      std::lock_guard lock(registry().mutex);
      for (const Transform& transform : library_transforms()) names.append(transform.name());
    }
    const std::string near = nearest(spec.name, names);
    throw ValueError("[make_transform] nobody here knows a transform called " + repr(spec.name),
                     "a program that uses this export has to register_transform(" + repr(spec.name) +
                         ", ...) first, as the one that made it did" +
                         (near.empty() ? "" : "; the nearest name known here is " + repr(near)));
  }
  return found.has_fields() ? found.with_settings(spec.settings) : found;
}

TransformSpec spec_of(const Transform& transform) {
  const Transform found = known(transform.name());
  if (!found || !found.is(transform))
    throw ValueError(
        "[export] the function " + transform.name() + " has no name by which another program could know it",
        "register it in both programs: register_transform(\"my_name\", function), and use what "
        "that returns");
  return {transform.name(), transform.has_fields() ? transform.settings() : Settings()};
}

PipelineSpec pipeline_spec(const DataLoaders& dls) {
  const auto* loader = dynamic_cast<const ItemLoader*>(&dls[dls.size() > 1 ? 1 : 0]);
  if (!loader)
    throw ValueError("[export] these loaders were not made by a DataBlock",
                     "only a DataBlock knows how new items become batches");
  PipelineSpec spec;
  const Datasets& data = loader->dataset();
  spec.n_inp = data.n_inp();
  for (int64_t i = 0; i < data.members(); ++i) {
    std::vector<TransformSpec> steps;
    for (const Transform& transform : data.pipelines()[static_cast<std::size_t>(i)].transforms()) {
      const Transform found = known(transform.name());
      const bool unknown = !found || !found.is(transform);
      const bool left_out = i >= spec.n_inp && unknown;
      steps.push_back(spec_of(left_out ? LeftOut{transform.name()} : transform));
    }
    spec.members.push_back(std::move(steps));
  }
  spec.after_item = specs_of(loader->options().after_item);
  for (const BeforeBatch& change : loader->options().before_batch)
    spec.before_batch.push_back(spec_of(change));
  spec.after_batch = specs_of(loader->options().after_batch);
  spec.targets = loader->targets();
  spec.bs = loader->batch_size();
  return spec;
}

DataLoaders make_dataloaders(const PipelineSpec& spec) {
  std::vector<Pipeline> pipelines;
  for (const auto& member : spec.members) pipelines.push_back(made(member));
  auto data = std::make_shared<const Datasets>(Datasets::prepared(pipelines, spec.n_inp, spec.targets));
  ItemLoaderOptions options{
      .bs = spec.bs, .after_item = made(spec.after_item), .after_batch = made(spec.after_batch)};
  for (const TransformSpec& change : spec.before_batch)
    options.before_batch.push_back(made_before_batch(change));
  const auto loader = std::make_shared<ItemLoader>(data, std::vector<int64_t>(), options);
  return DataLoaders({loader, loader});
}

}  // namespace fastcore
