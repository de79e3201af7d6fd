// SPDX-License-Identifier: MIT
#include "fastcore/learn/export.h"

#include <mutex>

#include "fastcore/data/item_loader.h"
#include "fastcore/data/pipeline_spec.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/model_spec.h"
#include "fastcore/learn/spec_parts.h"
#include "minitorch/io/io.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

namespace {

constexpr const char* kFormat = "fastcore learner 1";

struct Kinds {
  std::mutex mutex;
  std::vector<DataKind> all;
};
Kinds& kinds() {
  static Kinds known{
      {},
      {{"items",
        [](const DataLoaders& dls) -> std::optional<std::string> {
          if (!dynamic_cast<const ItemLoader*>(&dls.valid())) return {};
          return pipeline_spec(dls).to_json();
        },
        [](const std::string& text) { return make_dataloaders(PipelineSpec::from_json(text)); }},
       {"tensors",
        [](const DataLoaders& dls) -> std::optional<std::string> {
          if (!dynamic_cast<const TensorLoader*>(&dls.valid())) return {};
          return PipelineSpec{.targets = dls.targets(), .bs = dls.valid().batch_size()}.to_json();
        },
        [](const std::string& text) {
          const PipelineSpec spec = PipelineSpec::from_json(text);
          const auto loader = tensor_loader(zeros({0}), zeros({0}), {.bs = spec.bs, .targets = spec.targets});
          return DataLoaders({loader, loader});
        }}}};
  return known;
}

std::vector<DataKind> known_kinds() {
  std::lock_guard lock(kinds().mutex);
  return kinds().all;
}

const std::string& note(const io::Metadata& metadata, const Path& file, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end())
    throw FileError("[load_learner] " + file.str() + " lacks its '" + key + "'", "export it anew");
  return found->second;
}
ModelSpec spec_from(const std::string& json) {
  TransformSpec spec = TransformSpec::from_json(json);
  return {std::move(spec.name), std::move(spec.settings)};
}
std::string json_of(const ModelSpec& spec) { return TransformSpec{spec.name, spec.args}.to_json(); }

}  // namespace

void register_data(DataKind kind) {
  std::lock_guard lock(kinds().mutex);
  for (DataKind& known : kinds().all)
    if (known.name == kind.name) {
      known = std::move(kind);
      return;
    }
  kinds().all.push_back(std::move(kind));
}

Path Learner::export_learner(const std::string& file) {
  require_weights("export");
  const Scope random = random_kept_in_fit(*this);  // the model is made once more, to see whether it can be
  register_library();
  const Path target = path / file;
  std::optional<std::string> data;
  std::string kind;
  const std::vector<DataKind> known = known_kinds();
  for (auto at = known.rbegin(); at != known.rend() && !data; ++at) data = at->describe(dls), kind = at->name;
  if (!data)
    throw ValueError("[export] these loaders are of a kind that has no name",
                     "register_data says how they are written");
  ModelSpec spec = model_spec.name.empty() ? describe_model(*model) : model_spec;
  if (spec.name.empty())
    throw ValueError(
        "[export] the model " + model->type_name() + " has no name by which another program could make it",
        "give a function that makes it a name: register_model(\"my_net\", ...), then "
        "learn.model_spec = {\"my_net\", {...}}");
  target.parent().mkdir({.parents = true, .exist_ok = true});
  io::save_safetensors(target.str(), model->state_dict(),
                       {{"format", kFormat},
                        {"model", json_of(spec)},
                        {"loss", json_of(describe_loss(loss_func))},
                        {"groups", json_of({"groups", describe_groups(*this)})},
                        {"training", json_of({"training", describe_training(*this)})},
                        {"data_kind", kind},
                        {"data", *data}});
  return target;
}

Learner load_learner(const Path& file, Device device) {
  register_library();
  auto loaded = io::load_safetensors(file.str());
  const io::Metadata& notes = loaded.metadata;
  if (const auto format = notes.find("format"); format == notes.end() || format->second != kFormat)
    throw FileError("[load_learner] " + file.str() + " is no exported learner",
                    "weights alone are loaded by learn.load; an export is made by learn.export_learner");
  const ModelSpec spec = spec_from(note(notes, file, "model"));
  const std::string& kind = note(notes, file, "data_kind");
  std::optional<DataLoaders> dls;
  for (const DataKind& known : known_kinds())
    if (known.name == kind) dls = known.make(note(notes, file, "data"));
  if (!dls)
    throw ValueError("[load_learner] nobody here knows loaders of the kind '" + kind + "'",
                     "this program has to register_data({\"" + kind +
                         "\", ...}) before it loads the export, " + "as the one that trained did");

  const nn::ModulePtr model = make_model(spec);
  try {
    model->load_state_dict(loaded.tensors);
  } catch (ShapeError& error) {
    static_cast<std::runtime_error&>(error) = std::runtime_error(file.str() + ": " + error.what());
    throw;
  }
  model->eval().to(device);
  LearnerOptions options{
      .loss_func = make_loss(spec_from(note(notes, file, "loss"))), .path = file.parent(), .device = device};
  if (notes.count("training")) set_training(options, spec_from(notes.at("training")).args);
  if (notes.count("groups")) {
    options.splitter = make_splitter(spec_from(notes.at("groups")).args);
    options.splitter(*model);  // names that do not fit are told now
  }
  Learner learn(std::move(*dls), model, std::move(options));
  learn.model_spec = spec;
  return learn;
}

}  // namespace fastcore
