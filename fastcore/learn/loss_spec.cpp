// SPDX-License-Identifier: MIT
// Losses as data: those of the library by name and numbers, one's own by the name they were given.
#include "fastcore/data/fields.h"
#include "fastcore/learn/export.h"
#include "fastcore/learn/spec_parts.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

namespace {

FunctionNames<LossFunc>& own_losses() {
  static FunctionNames<LossFunc> all;
  return all;
}

// --- the settings of the library's losses, written and read by one function each ---

void reduction_field(Fields& f, Reduction& reduction) { f("reduction", reduction, {"mean", "sum", "none"}); }
// Factors as a list of numbers, none where there are none; and their shape, where that is another than a row.
void weight_field(Fields& f, const char* name, Tensor& weight) {
  auto numbers = weight.defined() ? weight.to_vector<double>() : std::vector<double>();
  std::vector<double> shape;
  if (weight.defined() && weight.dims() > 1)
    for (int64_t size : weight.shape()) shape.push_back(static_cast<double>(size));
  f(name, numbers);
  f((std::string(name) + "_shape").c_str(), shape);
  weight = numbers.empty() ? Tensor() : tensor(numbers);
  if (shape.empty()) return;
  Shape sizes;
  for (double size : shape) sizes.push_back(static_cast<int64_t>(size));
  weight = weight.reshape(sizes);
}

void fields_of(Fields& f, CrossEntropyLossFlat& l) {
  f("axis", l.axis)("ignore_index", l.ignore_index);
  weight_field(f, "weight", l.weight);
  reduction_field(f, l.reduction);
}
void fields_of(Fields& f, LabelSmoothingCrossEntropy& l) {
  f("eps", l.eps)("axis", l.axis);
  weight_field(f, "weight", l.weight);
  reduction_field(f, l.reduction);
}
void fields_of(Fields& f, FocalLoss& l) {
  f("gamma", l.gamma)("axis", l.axis);
  weight_field(f, "weight", l.weight);
  reduction_field(f, l.reduction);
}
void fields_of(Fields& f, DiceLoss& l) {
  f("axis", l.axis)("smooth", l.smooth)("square_in_union", l.square_in_union);
  reduction_field(f, l.reduction);
}
void fields_of(Fields& f, BCEWithLogitsLossFlat& l) {
  f("thresh", l.thresh);
  weight_field(f, "weight", l.weight);
  weight_field(f, "pos_weight", l.pos_weight);
  reduction_field(f, l.reduction);
}
void fields_of(Fields& f, BCELossFlat& l) { reduction_field(f, l.reduction); }
void fields_of(Fields& f, MSELossFlat& l) { reduction_field(f, l.reduction); }
void fields_of(Fields& f, L1LossFlat& l) { reduction_field(f, l.reduction); }

// visit(name, the loss as it is by default) for every loss of the library.
template <class Visit>
void for_each_loss(const Visit& visit) {
  visit("CrossEntropyLossFlat", CrossEntropyLossFlat{});
  visit("LabelSmoothingCrossEntropy", LabelSmoothingCrossEntropy{});
  visit("FocalLoss", FocalLoss{});
  visit("DiceLoss", DiceLoss{});
  visit("BCEWithLogitsLossFlat", BCEWithLogitsLossFlat{});
  visit("BCELossFlat", BCELossFlat{});
  visit("MSELossFlat", MSELossFlat{});
  visit("L1LossFlat", L1LossFlat{});
}

constexpr const char* kFunction = "function";  // the name of all that have none

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
  bool taken = name == kFunction;
  for_each_loss([&](const char* known, const auto&) { taken |= name == known; });
  if (taken) throw_taken("register_loss", name);
  own_losses().add(name, loss);
}

ModelSpec describe_loss(const LossFunc& loss) {
  ModelSpec spec;
  for_each_loss([&](const char* name, auto described) {
    const auto* known = loss.get_if<decltype(described)>();
    if (!known) return;
    described = *known;
    Fields fields;
    fields_of(fields, described);
    spec = {name, fields.collected()};
  });
  if (!spec.name.empty()) return spec;
  for (const auto& [name, own] : own_losses().list())
    if (own.same_as(loss)) return {name, {}};
  if (loss.has_answers())
    throw ValueError(
        "[export] the loss says how outputs become answers (" + loss.name() +
            "), and has no name by which another program could know it",
        "give it one in both programs: register_loss(\"my_loss\", MyLoss{}); a loss with members "
        "needs an operator==");
  return {kFunction, {}};
}

LossFunc make_loss(const ModelSpec& spec) {
  if (spec.name == kFunction) return MissingLoss{};
  LossFunc loss;
  for_each_loss([&](const char* name, auto made) {
    if (spec.name != name) return;
    Fields fields(spec.args);
    fields_of(fields, made);
    loss = made;
  });
  if (loss) return loss;
  for (const auto& [name, own] : own_losses().list())
    if (name == spec.name) return own;
  throw ValueError("[load_learner] nobody here knows a loss called '" + spec.name + "'",
                   "a program that uses this export has to register_loss(\"" + spec.name +
                       "\", ...) first, as the one that made it did");
}

}  // namespace fastcore
