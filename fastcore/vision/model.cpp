// SPDX-License-Identifier: MIT
#include "fastcore/vision/model.h"

#include "fastcore/vision/layers.h"
#include "fastcore/vision/pretrained.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/nn/init.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
namespace nn = minitorch::nn;
using minitorch::Tensor;

nn::Sequential create_head(int64_t nf, int64_t n_out, const HeadOptions& o) {
  std::vector<int64_t> widths = {o.pool && o.concat_pool ? 2 * nf : nf};
  widths.insert(widths.end(), o.lin_ftrs.begin(), o.lin_ftrs.end());
  widths.push_back(n_out);
  const std::size_t layers = widths.size() - 1;
  std::vector<double> ps = o.ps;
  if (ps.size() == 1 && layers > 1) ps.insert(ps.begin(), layers - 1, ps[0] / 2);
  if (ps.size() != layers)
    throw minitorch::ValueError(
        minitorch::format("[create_head] %zu dropouts for %zu layers", ps.size(), layers),
        "give one for each linear layer, or a single one");
  nn::Sequential head;
  if (o.pool) {
    if (o.concat_pool) head->append(AdaptiveConcatPool2d());
    else head->append(nn::AdaptiveAvgPool2d(1));
    head->append(nn::Flatten());
  }
  if (o.lin_first) head->append(nn::Dropout(ps[0]));
  for (std::size_t i = 0; i + (o.lin_first ? 1 : 0) < layers; ++i) {
    const LinBnDrop layer(widths[i], widths[i + 1],
                          {.bn = i > 0 || o.first_bn,
                           .p = ps[i + (o.lin_first ? 1 : 0)],
                           .act = i + 1 < layers ? Act::relu : Act::none,
                           .lin_first = o.lin_first});
    for (auto& [name, child] : layer->children()) head->append(child);
  }
  if (o.lin_first) head->append(nn::Linear(widths[layers - 1], n_out));
  if (o.bn_final) head->append(nn::BatchNorm1d(n_out, {.momentum = 0.01}));
  if (o.y_range.given()) head->append(SigmoidRange(o.y_range.low, o.y_range.high));
  return head;
}

nn::Sequential cut_model(const nn::Module& net, int cut, bool named) {
  const auto& children = net.children();
  if (static_cast<std::size_t>(cut) >= children.size())
    throw minitorch::ValueError(
        minitorch::format("[cut_model] %d of the net's %zu children are to be left out", cut,
                          children.size()),
        "leave out fewer: .cut = 2");
  nn::Sequential body;
  for (std::size_t i = 0; i + static_cast<std::size_t>(cut) < children.size(); ++i) {
    if (named) body->add(children[i].first, children[i].second);
    else body->append(children[i].second);
  }
  return body;
}

// A net for its body alone: no classifier to speak of.
static nn::ModulePtr bodily(const Architecture& a, bool pretrained, int64_t n_in) {
  const NetSize size{.classes = a.cut ? 1 : 0, .channels = n_in};
  if (!pretrained) return a.make(size);
  nn::ModulePtr net;
  {
    const nn::init::Skip values_come_from_the_file;
    net = a.make(size);
  }
  load_pretrained(*net, a);
  return net;
}

nn::ModulePtr create_body(const Architecture& a, bool pretrained, int64_t n_in) {
  const nn::ModulePtr net = bodily(a, pretrained, n_in);
  if (a.cut == 0) return net;
  return cut_model(*net, a.cut, a.named);
}

nn::Sequential create_encoder(const Architecture& a, bool pretrained, int64_t n_in) {
  if (a.cut == 0)
    throw minitorch::ValueError(
        "[create_encoder] " + a.name + " works on patches of one size: it has no maps to go back to",
        "take a convolutional net: models::resnet34, models::tf_efficientnet_lite0");
  const nn::ModulePtr net = bodily(a, pretrained, n_in);
  nn::Sequential encoder;
  const nn::Sequential body = cut_model(*net, a.cut, true);
  for (auto& [name, child] : body->children()) {
    const bool stages = name == "blocks" || name == "stages", features = name == "features";
    if (!stages && !features) encoder->append(child);
    else
      for (auto& [number, stage] : child->children()) encoder->append(stage);
    if (stages) break;  // what follows widens the last maps for the classifier
  }
  return encoder;
}

int64_t num_features_model(nn::Module& body, int64_t n_in, int64_t size) {
  const minitorch::NoGrad no_grad;
  const bool training = body.is_training();
  body.eval();
  const int64_t features = body(minitorch::zeros({1, n_in, size, size})).size(1);
  body.train(training);
  return features;
}

nn::Sequential create_vision_model(const Architecture& a, int64_t n_out, const VisionModelOptions& o) {
  const nn::ModulePtr body = create_body(a, o.pretrained, o.n_in);
  nn::ModulePtr head = o.custom_head;
  if (!head) {
    HeadOptions options = o.head;
    options.pool = options.pool && a.cut > 0;
    head = create_head(num_features_model(*body, o.n_in, a.cut > 0 ? 64 : a.size), n_out, options);
  }
  if (o.init) apply_init(*head, o.init);
  return nn::Sequential{body, head};
}

Splitter vision_splitter(const Architecture& a) {
  return [split = a.split](nn::Module& model) {
    // A Sequential{body, head}, or a DynamicUnet, whose layers stand in a list.
    const nn::Module* parts = &model;
    if (parts->children().size() == 1 && parts->children()[0].first == "layers")
      parts = parts->children()[0].second.get();
    const nn::Module* body = parts->children()[0].second.get();
    // A body that is one list of layers, squeezenet's features, is split inside; a single layer is not.
    if (split && body->children().size() == 1)
      if (const auto* list = dynamic_cast<const nn::SequentialModule*>(body->children()[0].second.get()))
        body = list;
    std::vector<std::vector<Tensor>> groups;
    auto add = [](std::vector<Tensor>& group, const nn::Module& m) {
      for (const Tensor& p : m.parameters()) group.push_back(p);
    };
    if (split) {
      groups.resize(2);
      for (std::size_t i = 0; i < body->children().size(); ++i)
        add(groups[i < static_cast<std::size_t>(split) ? 0 : 1], *body->children()[i].second);
    } else {
      groups.resize(1);
      add(groups[0], *body);
    }
    groups.emplace_back();
    for (std::size_t i = 1; i < parts->children().size(); ++i)
      add(groups.back(), *parts->children()[i].second);
    return minitorch::optim::Groups(groups);
  };
}

}  // namespace fastcore
