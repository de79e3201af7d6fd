// SPDX-License-Identifier: MIT
#include "fastcore/vision/pretrained.h"

#include <cmath>
#include <map>

#include "datasets/model_file.h"
#include "fastcore/basics/external.h"
#include "minitorch/io/io.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
namespace nn = minitorch::nn;
using minitorch::Tensor;

static nn::StateDict read(const std::string& path) {
  return path.ends_with(".safetensors") ? minitorch::io::load_safetensors(path).tensors
                                        : minitorch::io::load_pth(path);
}

// The file of the data folder. One that was put there by hand may be cut short, where no hash is known.
static nn::StateDict read_fetched(const std::string& path, const Architecture& a) {
  try {
    return read(path);
  } catch (const minitorch::FileError& error) {
    throw minitorch::FileError(error.what(), "it is damaged or another file: remove " + path +
                                                 ", and run again or fetch " + a.url + " anew");
  }
}

static nn::StateDict weights_of(const Architecture& a) {
  if (!a.weights.empty()) return read(a.weights);
  if (a.url.empty())
    throw minitorch::ValueError("[pretrained_weights] no weights of " + a.name + " are published",
                                "start from random: {.pretrained = false}");
  const std::string bundled = a.name == "tf_efficientnet_lite0" ? "efficientnet_lite0.safetensors" : "";
  std::string path;
  try {
    DownloadBar bar;
    path = datasets::fetch_model({.file = a.file(), .url = a.url, .bundled = bundled}, {.watcher = &bar});
  } catch (const datasets::NetworkError& error) {
    throw minitorch::FileError(
        "[pretrained_weights] the weights of " + a.name + " are not at hand: " + error.what(),
        "one of three: with a network run again, or put " + a.url + " into " + datasets::home_root() +
            "/models as " + a.file() +
            "; take a net whose weights come with the course, tf_efficientnet_lite0; or start from random, "
            "{.pretrained = false}");
  }
  return read_fetched(path, a);
}

nn::StateDict pretrained_weights(const std::string& name) { return weights_of(find_architecture(name)); }

Tensor fit_channels(const Tensor& weight, int64_t channels) {
  if (channels == weight.size(1)) return weight;
  if (channels == 1) return weight.sum({1}, true);
  if (channels == 2) return weight.slice(1, 0, 2) * 1.5;
  return minitorch::cat(
      {weight, minitorch::zeros({weight.size(0), channels - weight.size(1), weight.size(2), weight.size(3)})},
      1);
}

void load_pretrained(nn::Module& net, const Architecture& a) {
  nn::StateDict weights = weights_of(a);
  std::map<std::string, Tensor> own;
  for (auto& [name, tensor] : net.state_dict()) own.emplace(name, tensor);
  const std::string last = a.classifier + ".weight";
  const bool other_classes = !own.count(last) || own.at(last).size(0) != a.classes;
  auto is_classifier = [&](const std::string& name) {
    return other_classes && name.starts_with(a.classifier + ".");
  };
  std::erase_if(weights, [&](auto& entry) { return is_classifier(entry.first); });
  for (auto& [name, value] : weights)
    if (const auto at = own.find(name); at != own.end() && value.dims() == 4 && value.size(1) == 3)
      value = fit_channels(value.to(minitorch::kFloat32), at->second.size(1));
  nn::LoadReport report = net.load_state_dict(weights, false);
  std::erase_if(report.missing, is_classifier);
  if (!report.fits())
    throw minitorch::ShapeError("[pretrained_weights] the weights in " +
                                    (a.weights.empty() ? a.file() : a.weights) + " do not fit " + a.name +
                                    "\n" + to_string(report),
                                a.weights.empty() ? "the file is another net's: remove it and run again"
                                                  : "give a file of this net's weights, under its own names");
}

nn::ModulePtr create_model(const std::string& name, const ModelOptions& o) {
  const Architecture& a = find_architecture(name);
  const int64_t classes = o.classes < 0 ? a.classes : o.classes;
  if (!o.pretrained) return a.make({.classes = classes, .channels = o.channels});
  nn::ModulePtr net;
  {
    const nn::init::Skip values_come_from_the_file;
    net = a.make({.classes = classes, .channels = o.channels});
  }
  load_pretrained(*net, a);
  if (classes != a.classes && classes > 0) {  // what the file had nothing for starts as a new layer does
    const auto last = net->get_submodule(a.classifier);
    const Tensor weight = last->own_parameter("weight");
    const double bound = 1 / std::sqrt(static_cast<double>(nn::init::fan(weight, nn::init::Fan::in)));
    nn::init::uniform_(weight, -bound, bound);
    nn::init::uniform_(last->own_parameter("bias"), -bound, bound);
  }
  return net;
}

}  // namespace fastcore
