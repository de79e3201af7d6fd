// SPDX-License-Identifier: MIT
// Losses as data: those of the library by name and numbers, one's own by the name they were given.
#include <algorithm>
#include <iterator>

#include "fastcore/learn/export.h"
#include "fastcore/learn/spec_parts.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

namespace {

Setting numbers(const Tensor& weight) {
  return weight.defined() ? weight.to_vector<double>() : std::vector<double>();
}
Tensor weight_of(const Settings& args, const char* name) {
  const auto values = setting<std::vector<double>>(args, name, {});
  return values.empty() ? Tensor() : tensor(values);
}

FunctionNames<LossFunc>& own_losses() {
  static FunctionNames<LossFunc> all;
  return all;
}

constexpr const char* kLosses[] = {"CrossEntropyLossFlat",
                                   "LabelSmoothingCrossEntropy",
                                   "FocalLoss",
                                   "DiceLoss",
                                   "BCEWithLogitsLossFlat",
                                   "BCELossFlat",
                                   "MSELossFlat",
                                   "L1LossFlat",
                                   "function"};

constexpr const char* kReductions[] = {"mean", "sum", "none"};
std::string reduction_name(Reduction reduction) { return kReductions[static_cast<int>(reduction)]; }
Reduction reduction_of(const Settings& args, Reduction standard) {
  const auto name = setting<std::string>(args, "reduction", reduction_name(standard));
  for (const auto one : {Reduction::mean, Reduction::sum, Reduction::none})
    if (reduction_name(one) == name) return one;
  throw ValueError("[load_learner] the loss has a reduction '" + name + "'", "export the learner anew");
}

/// A loss that is not there: its training program has it.
struct MissingLoss {
  Tensor operator()(const Tensor&, const Tensor&) const {
    throw ValueError("[load_learner] the loss is a function of the program that trained this model",
                     "set it before you train or validate: learn.loss_func = ...");
  }
  std::string name() const { return "a function of the training program"; }
};

}  // namespace

void register_loss(const std::string& name, const LossFunc& loss) {
  if (std::find(std::begin(kLosses), std::end(kLosses), name) != std::end(kLosses))
    throw_taken("register_loss", name);
  own_losses().add(name, loss);
}

ModelSpec describe_loss(const LossFunc& loss) {
  if (auto* l = loss.get_if<CrossEntropyLossFlat>())
    return {"CrossEntropyLossFlat",
            {{"axis", l->axis},
             {"weight", numbers(l->weight)},
             {"ignore_index", l->ignore_index},
             {"reduction", reduction_name(l->reduction)}}};
  if (auto* l = loss.get_if<LabelSmoothingCrossEntropy>())
    return {"LabelSmoothingCrossEntropy",
            {{"eps", l->eps},
             {"axis", l->axis},
             {"weight", numbers(l->weight)},
             {"reduction", reduction_name(l->reduction)}}};
  if (auto* l = loss.get_if<FocalLoss>())
    return {"FocalLoss",
            {{"gamma", l->gamma},
             {"axis", l->axis},
             {"weight", numbers(l->weight)},
             {"reduction", reduction_name(l->reduction)}}};
  if (auto* l = loss.get_if<DiceLoss>())
    return {"DiceLoss",
            {{"axis", l->axis},
             {"smooth", l->smooth},
             {"square_in_union", l->square_in_union},
             {"reduction", reduction_name(l->reduction)}}};
  if (auto* l = loss.get_if<BCEWithLogitsLossFlat>())
    return {"BCEWithLogitsLossFlat",
            {{"thresh", l->thresh},
             {"weight", numbers(l->weight)},
             {"pos_weight", numbers(l->pos_weight)},
             {"reduction", reduction_name(l->reduction)}}};
  const auto plain = [](const char* name, Reduction reduction) {
    return ModelSpec{name, {{"reduction", reduction_name(reduction)}}};
  };
  if (auto* l = loss.get_if<BCELossFlat>()) return plain("BCELossFlat", l->reduction);
  if (auto* l = loss.get_if<MSELossFlat>()) return plain("MSELossFlat", l->reduction);
  if (auto* l = loss.get_if<L1LossFlat>()) return plain("L1LossFlat", l->reduction);
  for (const auto& [name, own] : own_losses().list())
    if (own.same_as(loss)) return {name, {}};
  if (loss.has_answers())
    throw ValueError(
        "[export] the loss says how outputs become answers (" + loss.name() +
            "), and has no name by which another program could know it",
        "give it one in both programs: register_loss(\"my_loss\", MyLoss{}); a loss with members "
        "needs an operator==");
  return {"function", {}};
}

LossFunc make_loss(const ModelSpec& spec) {
  const Settings& a = spec.args;
  const bool dice = spec.name == "DiceLoss";
  const int64_t axis = setting<int64_t>(a, "axis", dice ? 1 : -1);
  const Reduction reduction = reduction_of(a, dice ? Reduction::sum : Reduction::mean);
  if (spec.name == "CrossEntropyLossFlat")
    return CrossEntropyLossFlat{.axis = axis,
                                .weight = weight_of(a, "weight"),
                                .ignore_index = setting<int64_t>(a, "ignore_index", -100),
                                .reduction = reduction};
  if (spec.name == "LabelSmoothingCrossEntropy")
    return LabelSmoothingCrossEntropy{.eps = setting(a, "eps", 0.1),
                                      .axis = axis,
                                      .weight = weight_of(a, "weight"),
                                      .reduction = reduction};
  if (spec.name == "FocalLoss")
    return FocalLoss{.gamma = setting(a, "gamma", 2.0),
                     .axis = axis,
                     .weight = weight_of(a, "weight"),
                     .reduction = reduction};
  if (dice)
    return DiceLoss{.axis = axis,
                    .smooth = setting(a, "smooth", 1e-6),
                    .reduction = reduction,
                    .square_in_union = setting(a, "square_in_union", false)};
  if (spec.name == "BCEWithLogitsLossFlat")
    return BCEWithLogitsLossFlat{.thresh = setting(a, "thresh", 0.5),
                                 .weight = weight_of(a, "weight"),
                                 .pos_weight = weight_of(a, "pos_weight"),
                                 .reduction = reduction};
  if (spec.name == "BCELossFlat") return BCELossFlat{reduction};
  if (spec.name == "MSELossFlat") return MSELossFlat{reduction};
  if (spec.name == "L1LossFlat") return L1LossFlat{reduction};
  if (spec.name == "function") return MissingLoss{};
  for (const auto& [name, own] : own_losses().list())
    if (name == spec.name) return own;
  throw ValueError("[load_learner] nobody here knows a loss called '" + spec.name + "'",
                   "a program that uses this export has to register_loss(\"" + spec.name +
                       "\", ...) first, as the one that made it did");
}

}  // namespace fastcore
