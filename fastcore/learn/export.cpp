// SPDX-License-Identifier: MIT
#include "fastcore/learn/export.h"

#include <mutex>

#include "fastcore/data/item_loader.h"
#include "fastcore/data/pipeline_spec.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/model_spec.h"
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

template <class T>
T setting(const Settings& args, const char* name, T standard) {
  const Setting* found = args.find(name);
  if (!found) return standard;
  if (const T* value = std::get_if<T>(found)) return *value;
  if constexpr (std::is_same_v<T, double>)
    if (const auto* whole = std::get_if<int64_t>(found)) return static_cast<double>(*whole);
  if constexpr (std::is_same_v<T, std::vector<double>>)
    if (const auto* texts = std::get_if<std::vector<std::string>>(found); texts && texts->empty()) return {};
  throw ValueError(std::string("[load_learner] the setting '") + name + "' of the loss has another type",
                   "the file was changed by hand or is from another version: export the learner anew");
}
Setting numbers(const Tensor& weight) {
  return weight.defined() ? weight.to_vector<double>() : std::vector<double>();
}
Tensor weight_of(const Settings& args, const char* name) {
  const auto values = setting<std::vector<double>>(args, name, {});
  return values.empty() ? Tensor() : tensor(values);
}

/// A loss that is not there: its training program has it.
struct MissingLoss {
  Tensor operator()(const Tensor&, const Tensor&) const {
    throw ValueError("[load_learner] the loss is a function of the program that trained this model",
                     "set it before you train or validate: learn.loss_func = ...");
  }
  require_weights("export");
  std::string name() const { return "a function of the training program"; }
};

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

ModelSpec describe_loss(const LossFunc& loss) {
  if (auto* l = loss.get_if<CrossEntropyLossFlat>())
    return {"CrossEntropyLossFlat",
            {{"axis", l->axis}, {"weight", numbers(l->weight)}, {"ignore_index", l->ignore_index}}};
  if (auto* l = loss.get_if<LabelSmoothingCrossEntropy>())
    return {"LabelSmoothingCrossEntropy",
            {{"eps", l->eps}, {"axis", l->axis}, {"weight", numbers(l->weight)}}};
  if (auto* l = loss.get_if<FocalLoss>())
    return {"FocalLoss", {{"gamma", l->gamma}, {"axis", l->axis}, {"weight", numbers(l->weight)}}};
  if (auto* l = loss.get_if<DiceLoss>()) return {"DiceLoss", {{"axis", l->axis}, {"smooth", l->smooth}}};
  if (auto* l = loss.get_if<BCEWithLogitsLossFlat>())
    return {"BCEWithLogitsLossFlat",
            {{"thresh", l->thresh}, {"weight", numbers(l->weight)}, {"pos_weight", numbers(l->pos_weight)}}};
  if (loss.get_if<BCELossFlat>()) return {"BCELossFlat", {}};
  if (loss.get_if<MSELossFlat>()) return {"MSELossFlat", {}};
  if (loss.get_if<L1LossFlat>()) return {"L1LossFlat", {}};
  return {"function", {}};
}

LossFunc make_loss(const ModelSpec& spec) {
  const Settings& a = spec.args;
  const int64_t axis = setting<int64_t>(a, "axis", spec.name == "DiceLoss" ? 1 : -1);
  if (spec.name == "CrossEntropyLossFlat")
    return CrossEntropyLossFlat{.axis = axis,
                                .weight = weight_of(a, "weight"),
                                .ignore_index = setting<int64_t>(a, "ignore_index", -100)};
  if (spec.name == "LabelSmoothingCrossEntropy")
    return LabelSmoothingCrossEntropy{
        .eps = setting(a, "eps", 0.1), .axis = axis, .weight = weight_of(a, "weight")};
  if (spec.name == "FocalLoss")
    return FocalLoss{.gamma = setting(a, "gamma", 2.0), .axis = axis, .weight = weight_of(a, "weight")};
  if (spec.name == "DiceLoss") return DiceLoss{.axis = axis, .smooth = setting(a, "smooth", 1e-6)};
  if (spec.name == "BCEWithLogitsLossFlat")
    return BCEWithLogitsLossFlat{.thresh = setting(a, "thresh", 0.5),
                                 .weight = weight_of(a, "weight"),
                                 .pos_weight = weight_of(a, "pos_weight")};
  if (spec.name == "BCELossFlat") return BCELossFlat{};
  if (spec.name == "MSELossFlat") return MSELossFlat{};
  if (spec.name == "L1LossFlat") return L1LossFlat{};
  if (spec.name == "function") return MissingLoss{};
  throw ValueError("[load_learner] nobody here knows a loss called '" + spec.name + "'",
                   "the export is from a later version: update this program, or export the learner anew");
}

Path Learner::export_learner(const std::string& file) {
  const Path target = path / file;
  ModelSpec spec = model_spec.name.empty() ? describe_layers(*model) : model_spec;
  if (spec.name.empty())
    throw ValueError(
        "[export] the model " + model->type_name() + " has no name by which another program could make it",
        "give a function that makes it a name: register_model(\"my_net\", ...), then "
        "learn.model_spec = {\"my_net\", {...}}");
  std::optional<std::string> data;
  std::string kind;
  for (const DataKind& known : known_kinds())
    if (!data) data = known.describe(dls), kind = known.name;
  if (!data)
    throw ValueError("[export] these loaders are of a kind that has no name",
                     "register_data says how they are written");
  target.parent().mkdir({.parents = true, .exist_ok = true});
  io::save_safetensors(target.str(), model->state_dict(),
                       {{"format", kFormat},
                        {"model", json_of(spec)},
                        {"loss", json_of(describe_loss(loss_func))},
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
  Learner learn(std::move(*dls), model,
                {.loss_func = make_loss(spec_from(note(notes, file, "loss"))),
                 .path = file.parent(),
                 .device = device});
  learn.model_spec = spec;
  return learn;
}

}  // namespace fastcore
