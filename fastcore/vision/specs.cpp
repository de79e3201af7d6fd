// SPDX-License-Identifier: MIT
#include "fastcore/vision/specs.h"

namespace fastcore {
namespace {

void fields_of(Fields& f, HeadOptions& o) {
  std::vector<double> widths(o.lin_ftrs.begin(), o.lin_ftrs.end());
  f("lin_ftrs", widths)("ps", o.ps)("pool", o.pool)("concat_pool", o.concat_pool);
  f("first_bn", o.first_bn)("bn_final", o.bn_final)("lin_first", o.lin_first);
  range_field(f, o.y_range);
  o.lin_ftrs.assign(widths.begin(), widths.end());
}

void fields_of(Fields& f, UnetOptions& o) {
  f("blur", o.blur)("blur_final", o.blur_final)("self_attention", o.self_attention);
  f("last_cross", o.last_cross)("bottle", o.bottle);
  act_field(f, o.act);
  int norm = static_cast<int>(o.norm_type);
  f("norm_type", norm);
  o.norm_type = static_cast<NormType>(norm);
  range_field(f, o.y_range);
}

// Widths and channels come from a file: none may be more than a net needs.
void check_widths(const HeadOptions& o) {
  for (int64_t width : o.lin_ftrs)
    if (width < 1 || width > 1 << 16 || o.lin_ftrs.size() > 16)
      throw minitorch::ValueError("[make_model] a head with layers of such widths cannot be made");
}

Architecture architecture_of(const Settings& args) {
  const Setting* name = args.find("arch");
  if (!name || !std::holds_alternative<std::string>(*name))
    throw minitorch::ValueError("[make_model] the name of the architecture is missing");
  const Architecture& a = find_architecture(std::get<std::string>(*name));
  return args.find("cut") ? cut_elsewhere(a, size_of(args, "cut", 0)) : a;
}

minitorch::nn::ModulePtr make_vision(const Settings& args) {
  VisionModelOptions options{.pretrained = false, .n_in = size_of(args, "n_in")};
  Fields fields(args);
  fields_of(fields, options.head);
  check_widths(options.head);
  return create_vision_model(architecture_of(args), size_of(args, "n_out"), options);
}

minitorch::nn::ModulePtr make_unet(const Settings& args) {
  UnetOptions options;
  Fields fields(args);
  fields_of(fields, options);
  const int64_t height = size_of(args, "height", 8), width = size_of(args, "width", 8);
  if (height > 4096 || width > 4096)
    throw minitorch::ValueError("[make_model] a U-Net for pictures of such a size cannot be made");
  const auto encoder = create_encoder(architecture_of(args), false, size_of(args, "n_in"));
  return DynamicUnet(encoder, size_of(args, "n_out"), {static_cast<int>(height), static_cast<int>(width)},
                     options);
}

}  // namespace

ModelSpec vision_spec(const Architecture& architecture, int64_t n_out, const VisionModelOptions& options) {
  if (options.custom_head) return {};
  Fields fields;
  HeadOptions head = options.head;
  fields_of(fields, head);
  return {"vision", merge(Settings{{"arch", architecture.name}, {"n_out", n_out}, {"n_in", options.n_in}},
                          fields.collected())};
}

ModelSpec unet_spec(const Architecture& architecture, int64_t n_out, int64_t n_in, Size size,
                    const UnetOptions& options) {
  Fields fields;
  UnetOptions unet = options;
  fields_of(fields, unet);
  return {"unet", merge(Settings{{"arch", architecture.name},
                                 {"n_out", n_out},
                                 {"n_in", n_in},
                                 {"height", int64_t{size.height}},
                                 {"width", int64_t{size.width}}},
                        fields.collected())};
}

void register_vision_models() {
  register_model("vision", make_vision);
  register_model("unet", make_unet);
}

}  // namespace fastcore
