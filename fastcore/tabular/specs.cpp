// SPDX-License-Identifier: MIT
#include "fastcore/tabular/specs.h"

#include "fastcore/data/pipeline_spec.h"
#include "fastcore/learn/export.h"
#include "fastcore/tabular/tabular_block.h"

namespace fastcore {
namespace {

// y_range and the act under their names, the rest of the config.
void fields_of(Fields& f, TabularConfig& o, YRange& y_range) {
  f("ps", o.ps)("embed_p", o.embed_p)("use_bn", o.use_bn)("bn_final", o.bn_final);
  f("bn_cont", o.bn_cont)("lin_first", o.lin_first);
  act_field(f, o.act);
  range_field(f, y_range);
}

}  // namespace

Settings TabularShape::to_settings() const {
  std::vector<double> classes, sizes;
  for (const auto& [n, size] : emb_szs) {
    classes.push_back(static_cast<double>(n));
    sizes.push_back(static_cast<double>(size));
  }
  Fields fields;
  TabularConfig config_copy = config;
  YRange range = y_range;
  fields_of(fields, config_copy, range);
  return merge(Settings{{"classes", classes},
                        {"sizes", sizes},
                        {"n_cont", n_cont},
                        {"n_out", n_out},
                        {"layers", std::vector<double>(layers.begin(), layers.end())}},
               fields.collected());
}

TabularShape TabularShape::from_settings(const Settings& settings) {
  TabularShape shape;
  const std::vector<int64_t> classes = sizes_of(settings, "classes"), sizes = sizes_of(settings, "sizes");
  if (classes.size() != sizes.size())
    throw minitorch::ValueError("[make_model] " + std::to_string(classes.size()) + " categories, " +
                                    std::to_string(sizes.size()) + " sizes of vectors",
                                "the file was changed by hand or is damaged: export the learner anew");
  int64_t in = shape.n_cont = size_of(settings, "n_cont", 0);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    check_weights(classes[i], sizes[i]);
    shape.emb_szs.emplace_back(classes[i], sizes[i]);
    in += sizes[i];
  }
  shape.layers = sizes_of(settings, "layers");
  shape.n_out = size_of(settings, "n_out");
  for (const int64_t width : shape.layers) {
    check_weights(in, width);
    in = width;
  }
  check_weights(in, shape.n_out);
  Fields fields(settings);
  fields_of(fields, shape.config, shape.y_range);
  return shape;
}

ModelSpec tabular_spec(const TabularShape& shape) { return {"tabular", shape.to_settings()}; }

void register_tabular() {
  register_model("tabular", [](const Settings& args) -> minitorch::nn::ModulePtr {
    const TabularShape s = TabularShape::from_settings(args);
    return TabularModel(s.emb_szs, s.n_cont, s.n_out, s.layers, s.config, s.y_range);
  });
  register_data({"table",
                 [](const DataLoaders& dls) -> std::optional<std::string> {
                   const auto* loader = dynamic_cast<const TabularLoader*>(&dls.valid());
                   return loader ? std::optional(table_json(*loader)) : std::nullopt;
                 },
                 [](const std::string& text) {
                   const auto loader = table_from_json(text);
                   return DataLoaders({loader, loader});
                 }});
  add_library_transform(ReadRow{});
}

}  // namespace fastcore
