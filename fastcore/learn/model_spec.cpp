// SPDX-License-Identifier: MIT
// Registered makers of models, and Sequentials written down layer by layer as they print.
#include "fastcore/learn/model_spec.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <typeinfo>

#include "fastcore/basics/helpers.h"
#include "fastcore/learn/layers.h"
#include "minitorch/nn/nn.h"

namespace fastcore {
using namespace minitorch;

namespace {

constexpr const char* kLayers = "layers";
constexpr int64_t kLargest = int64_t{1} << 24, kMostWeights = int64_t{1} << 28;

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::pair<ModelMaker, ModelReader>> kinds;
};
Registry& registry() {
  static Registry known;
  return known;
}

[[noreturn]] void fail(const std::string& text) {
  throw ValueError("[make_model] the layer '" + text + "' cannot be made", "export the learner anew");
}

/// "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))" taken apart.
struct LayerText {
  std::string text, type;
  std::vector<std::string> plain;            // 3, 8
  std::map<std::string, std::string> named;  // kernel_size: 3, 3

  explicit LayerText(const std::string& line) : text(line) {
    const auto open = line.find('(');
    if (open == std::string::npos || line.back() != ')') fail(line);
    type = line.substr(0, open);
    std::string part;
    int depth = 0;
    const auto take = [&] {
      while (!part.empty() && part[0] == ' ') part.erase(0, 1);
      const auto equals = part.find('=');
      if (equals != std::string::npos) named[part.substr(0, equals)] = part.substr(equals + 1);
      else if (!part.empty()) plain.push_back(part);
      part.clear();
    };
    for (std::size_t i = open + 1; i + 1 < line.size(); ++i) {
      depth += line[i] == '(' ? 1 : line[i] == ')' ? -1 : 0;
      if (line[i] == ',' && depth == 0) take();
      else part += line[i];
    }
    take();
  }

  std::vector<double> numbers(const std::string& value) const {  // "(3, 3)" or "3"
    std::vector<double> all;
    for (const char* at = value.c_str(); *at;) {
      char* end = nullptr;
      const double x = std::strtod(at, &end);
      if (end != at) all.push_back(x);
      at = end != at ? end : at + 1;
    }
    if (all.empty()) fail(text);
    for (double x : all)
      if (!(x >= -1 && x <= static_cast<double>(kLargest))) fail(text);
    return all;
  }
  const std::string& value(const std::string& name) const {
    const auto found = named.find(name);
    if (found == named.end()) fail(text);
    return found->second;
  }
  int64_t whole(std::size_t place) const {
    if (place >= plain.size()) fail(text);
    return static_cast<int64_t>(numbers(plain[place])[0]);
  }
  int64_t whole(const std::string& name) const { return static_cast<int64_t>(numbers(value(name))[0]); }
  double number(const std::string& name, double standard) const {
    return named.count(name) ? numbers(value(name))[0] : standard;
  }
  Size2 size(const std::string& name, int64_t standard) const {
    if (!named.count(name)) return standard;
    const auto n = numbers(value(name));
    return {static_cast<int64_t>(n[0]), static_cast<int64_t>(n.size() > 1 ? n[1] : n[0])};
  }
  bool flag(const std::string& name, bool standard) const {
    return named.count(name) ? value(name) == "True" : standard;
  }
  void check_weights(int64_t count) const {
    if (count < 0 || count > kMostWeights) fail(text);
  }
};

nn::ModulePtr make_conv(const LayerText& t) {
  const Size2 kernel = t.size("kernel_size", 1), padding = t.size("padding", 0);
  nn::Conv2dOptions o{.stride = t.size("stride", 1),
                      .padding = Padding(padding.h, padding.w),
                      .dilation = t.size("dilation", 1),
                      .groups = static_cast<int64_t>(t.number("groups", 1)),
                      .bias = t.flag("bias", true)};
  t.check_weights(Shape{t.whole(0), t.whole(1), kernel.h, kernel.w}.numel());
  return nn::Conv2d(t.whole(0), t.whole(1), kernel, o);
}
template <class Norm>
nn::ModulePtr make_norm(const LayerText& t) {
  nn::NormOptions o{
      .eps = t.number("eps", 1e-5), .momentum = t.number("momentum", .1), .affine = t.flag("affine", true)};
  if (t.named.count("activation"))
    o.activation = t.value("activation") == "relu" ? Activation::relu : Activation::relu6;
  return Norm(t.whole(0), o);
}
template <class Pool>
nn::ModulePtr make_pool(const LayerText& t) {
  return Pool(t.size("kernel_size", 1), {.stride = t.size("stride", 0),
                                         .padding = t.size("padding", 0),
                                         .ceil_mode = t.flag("ceil_mode", false),
                                         .count_include_pad = t.flag("count_include_pad", true)});
}

nn::ModulePtr make_layer(const std::string& line) {
  const LayerText t(line);
  if (t.type == "Linear") {
    t.check_weights(Shape{t.whole("in_features"), t.whole("out_features")}.numel());
    return nn::Linear(t.whole("in_features"), t.whole("out_features"), t.flag("bias", true));
  }
  if (t.type == "Embedding") {
    t.check_weights(Shape{t.whole(0), t.whole(1)}.numel());
    return nn::Embedding(t.whole(0), t.whole(1));
  }
  if (t.type == "Conv2d") return make_conv(t);
  if (t.type == "BatchNorm1d") return make_norm<nn::BatchNorm1d>(t);
  if (t.type == "BatchNorm2d") return make_norm<nn::BatchNorm2d>(t);
  if (t.type == "LayerNorm") return nn::LayerNorm(t.whole(0), t.number("eps", 1e-5));
  if (t.type == "GroupNorm") return nn::GroupNorm(t.whole(0), t.whole(1), t.number("eps", 1e-5));
  if (t.type == "MaxPool2d") return make_pool<nn::MaxPool2d>(t);
  if (t.type == "AvgPool2d") return make_pool<nn::AvgPool2d>(t);
  if (t.type == "AdaptiveAvgPool2d") return nn::AdaptiveAvgPool2d(t.size("output_size", 1));
  if (t.type == "AdaptiveMaxPool2d") return nn::AdaptiveMaxPool2d(t.size("output_size", 1));
  if (t.type == "Flatten") return nn::Flatten(t.whole("start_dim"), t.whole("end_dim"));
  if (t.type == "Dropout") return nn::Dropout(t.number("p", 0.5));
  if (t.type == "LeakyReLU") return nn::LeakyReLU(t.number("negative_slope", 0.01));
  if (t.type == "ELU") return nn::ELU(t.number("alpha", 1));
  if (t.type == "ReLU") return nn::ReLU();
  if (t.type == "ReLU6") return nn::ReLU6();
  if (t.type == "Sigmoid") return nn::Sigmoid();
  if (t.type == "Tanh") return nn::Tanh();
  if (t.type == "GELU") return nn::GELU();
  if (t.type == "SiLU") return nn::SiLU();
  if (t.type == "Mish") return nn::Mish();
  if (t.type == "Softplus") return nn::Softplus();
  if (t.type == "Identity") return nn::Identity();
  fail(line);
}

// "2.0: ReLU()": the child 0 of the child 2, which is a Sequential.
void add_layer(nn::SequentialModule& to, const std::string& path, const std::string& layer) {
  const auto dot = path.find('.');
  const std::string head = path.substr(0, dot);
  if (head != std::to_string(to.size()) &&
      (dot == std::string::npos || head != std::to_string(to.size() - 1)))
    fail(path + ": " + layer);
  if (dot == std::string::npos) {
    to.append(make_layer(layer));
    return;
  }
  if (head == std::to_string(to.size())) to.append(nn::Sequential{});
  auto* inner = dynamic_cast<nn::SequentialModule*>(to[to.size() - 1].get());
  if (!inner || std::count(path.begin(), path.end(), '.') > 8) fail(path + ": " + layer);
  add_layer(*inner, path.substr(dot + 1), layer);
}

nn::ModulePtr make_layers(const Settings& args) {
  const auto* lines =
      args.contains(kLayers) ? std::get_if<std::vector<std::string>>(&args.at(kLayers)) : nullptr;
  if (!lines) throw ValueError("[make_model] the list of layers is missing", "export the learner anew");
  const nn::Sequential net;
  for (const std::string& line : *lines) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos) fail(line);
    add_layer(*net, line.substr(0, colon), line.substr(colon + 2));
  }
  return net;
}

// A layer of one's own may be called and print as one of the library's.
bool same_type(const nn::Module& a, const nn::Module& b) {
  const bool embeddings =  // which differ in how they start
      typeid(a) == typeid(nn::EmbeddingModule) && typeid(b) == typeid(EmbeddingModule);
  return typeid(a) == typeid(b) || embeddings;
}
bool same_layers(const nn::Module& made, const nn::Module& model) {
  const auto &a = made.children(), &b = model.children();
  if (!same_type(made, model) || made.details() != model.details() || a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].first != b[i].first || !same_layers(*a[i].second, *b[i].second)) return false;
  return true;
}
// What a list of layers does not say: that one stands in two places, or two have a weight in common.
bool shares_tensors(const nn::Module& model) {
  std::set<const TensorImpl*> seen;
  const auto state = model.state_dict();
  return !std::all_of(state.begin(), state.end(),
                      [&](const auto& entry) { return seen.insert(&entry.second.impl()).second; });
}

}  // namespace

void register_model(const std::string& name, ModelMaker maker, ModelReader reader) {
  std::lock_guard lock(registry().mutex);
  registry().kinds.insert_or_assign(name, std::pair(std::move(maker), std::move(reader)));
}

nn::ModulePtr make_model(const ModelSpec& spec) {
  if (spec.name == kLayers) return make_layers(spec.args);
  ModelMaker maker;
  L<std::string> names;
  {
    std::lock_guard lock(registry().mutex);
    for (const auto& [name, known] : registry().kinds) {
      if (name == spec.name) maker = known.first;
      names.append(name);
    }
  }
  if (maker) return maker(spec.args);
  const std::string near = nearest(spec.name, names);
  throw ValueError("[make_model] nobody here knows a model called '" + spec.name + "'",
                   "a program that uses this export has to register_model(\"" + spec.name +
                       "\", ...) first, as the one that made it did" +
                       (near.empty() ? "" : "; the nearest name known here is '" + near + "'"));
}

ModelSpec describe_model(const nn::Module& model) {
  std::vector<std::pair<std::string, ModelReader>> readers;  // called without the lock, as makers are
  {
    std::lock_guard lock(registry().mutex);
    for (const auto& [name, known] : registry().kinds)
      if (known.second) readers.emplace_back(name, known.second);
  }
  for (const auto& [name, read] : readers)
    if (const auto args = read(model)) return {name, *args};
  if (typeid(model) != typeid(nn::SequentialModule) || shares_tensors(model)) return {};
  std::vector<std::string> lines;
  for (auto& [name, module] : const_cast<nn::Module&>(model).named_modules())
    if (typeid(*module) != typeid(nn::SequentialModule))
      lines.push_back(name + ": " + module->type_name() + "(" + module->details() + ")");
  ModelSpec spec{kLayers, {{kLayers, lines}}};
  try {  // what does not come out the same is not described
    return same_layers(*make_model(spec), model) ? spec : ModelSpec{};
  } catch (const ValueError&) { return {}; }
}

namespace {
int64_t checked_size(const std::string& name, double value, int64_t low) {
  if (!(value >= static_cast<double>(low) && value <= static_cast<double>(kLargest)))
    throw ValueError(format("[make_model] %s = %.17g: expected %lld to %lld", name.c_str(), value,
                            static_cast<long long>(low), static_cast<long long>(kLargest)),
                     "the file was changed by hand or is damaged: export the learner anew");
  return static_cast<int64_t>(value);
}
[[noreturn]] void no_sizes(const std::string& name, const char* expected) {
  throw ValueError("[make_model] the argument '" + name + "' is missing or no " + expected,
                   "export the learner anew, or give the argument in learn.model_spec");
}
}  // namespace

int64_t size_of(const Settings& args, const std::string& name, int64_t low) {
  const Setting* found = args.find(name);
  const auto* value = found ? std::get_if<int64_t>(found) : nullptr;
  if (!value) no_sizes(name, "whole number");
  return checked_size(name, static_cast<double>(*value), low);
}

std::vector<int64_t> sizes_of(const Settings& args, const std::string& name) {
  if (!args.contains(name)) no_sizes(name, "list of numbers");
  std::vector<double> values;
  Fields fields(args);
  fields(name.c_str(), values);
  std::vector<int64_t> sizes;
  for (const double value : values) sizes.push_back(checked_size(name, value, 1));
  return sizes;
}

void check_weights(int64_t rows, int64_t columns) {
  if (rows > 0 && columns > 0 && rows <= kMostWeights / columns) return;
  throw ValueError(format("[make_model] %lld x %lld weights cannot be made", static_cast<long long>(rows),
                          static_cast<long long>(columns)),
                   "the file was changed by hand or is damaged: export the learner anew");
}

}  // namespace fastcore
