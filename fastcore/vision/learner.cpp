// SPDX-License-Identifier: MIT
#include "fastcore/vision/learner.h"

#include "fastcore/data/item_loader.h"
#include "fastcore/vision/specs.h"

namespace fastcore {
namespace {

// What an earlier learner put there for its net.
void drop_normalize_of_net(ItemLoader& loader) {
  std::vector<Transform> others;
  for (const Transform& transform : loader.options().after_batch.transforms()) {
    const auto* normalize = transform.get_if<Normalize>();
    if (!normalize || !normalize->of_net) others.push_back(transform);
  }
  loader.set_after_batch(Pipeline(std::move(others)));
}

template <class Options>
void add_normalization(const DataLoaders& dls, const Architecture& a, const Options& o) {
  if (!o.normalize || !o.pretrained || o.n_in != 3) return;
  for (int64_t i = 0; i < dls.size(); ++i)
    if (auto* loader = dynamic_cast<ItemLoader*>(&dls[i])) drop_normalize_of_net(*loader);
  if (dls.train().has_batch_tfm("Normalize")) return;  // the caller's own
  for (int64_t i = 0; i < dls.size(); ++i)
    dls[i].add_batch_tfm(Normalize{.mean = a.stats.mean, .std = a.stats.std, .of_net = true});
}

// What both kinds of learner do around their model. The loaders are the caller's: they are touched when all
// that can fail is done.
template <class Options>
Learner learner_of(DataLoaders dls, minitorch::nn::ModulePtr model, ModelSpec spec, const Architecture& a,
                   const Options& o) {
  LearnerOptions options = learner_options(o);
  if (!options.splitter) options.splitter = vision_splitter(a);
  Learner learn(std::move(dls), std::move(model), std::move(options));
  learn.model_spec = std::move(spec);
  if (o.cut && !learn.model_spec.name.empty()) learn.model_spec.args["cut"] = *o.cut;
  add_normalization(learn.dls, a, o);
  if (o.pretrained) learn.freeze();
  return learn;
}

// The row of the net, with what the options say otherwise.
template <class Options>
Architecture chosen(const Arch& arch, const Options& o) {
  Architecture a = o.cut ? cut_elsewhere(*arch, *o.cut) : *arch;
  if (!o.weights.str().empty()) a.weights = o.weights.str();
  return a;
}

template <class Options>
int64_t outputs(const char* function, const DataLoaders& dls, const Options& o) {
  const int64_t n = o.n_out.value_or(dls.c());
  if (n < 1)
    throw minitorch::ValueError(
        minitorch::format("[%s] how many outputs the net needs is not known from the data", function),
        "say it: {.n_out = 10}");
  return n;
}

}  // namespace

Learner vision_learner(DataLoaders dls, const Arch& arch, const VisionLearnerOptions& o) {
  const int64_t n_out = outputs("vision_learner", dls, o);
  const Architecture a = chosen(arch, o);
  const VisionModelOptions how{.pretrained = o.pretrained,
                               .n_in = o.n_in,
                               .head = {.lin_ftrs = o.lin_ftrs,
                                        .ps = o.ps,
                                        .pool = o.pool,
                                        .concat_pool = o.concat_pool,
                                        .first_bn = o.first_bn,
                                        .bn_final = o.bn_final,
                                        .lin_first = o.lin_first,
                                        .y_range = o.y_range},
                               .custom_head = o.custom_head,
                               .init = o.init};
  const auto model = create_vision_model(a, n_out, how);
  return learner_of(std::move(dls), model, vision_spec(a, n_out, how), a, o);
}

Learner unet_learner(DataLoaders dls, const Arch& arch, const UnetLearnerOptions& o) {
  const int64_t n_out = outputs("unet_learner", dls, o);
  const Architecture a = chosen(arch, o);
  const auto picture = dls.train().one_batch().x.front().shape();
  const Size size{static_cast<int>(picture[2]), static_cast<int>(picture[3])};
  const DynamicUnet model(create_encoder(a, o.pretrained, o.n_in), n_out, size, o.unet);
  return learner_of(std::move(dls), model, unet_spec(a, n_out, o.n_in, size, o.unet), a, o);
}

}  // namespace fastcore
