// SPDX-License-Identifier: MIT
// PipelineSpec as JSON and back.
#include <nlohmann/json.hpp>

#include "fastcore/data/pipeline_spec.h"

namespace fastcore {
namespace {

using Json = nlohmann::ordered_json;
using minitorch::FileError;

constexpr const char* kFormat = "fastcore.pipeline";
constexpr int kVersion = 1;
constexpr const char* const kKinds[] = {"none",   "category", "multi_category", "number", "mask",
                                        "points", "text"};

[[noreturn]] void fail(const std::string& what) {
  throw FileError("[PipelineSpec] " + what, "export the learner again with this version of the library");
}

Json to_json(const TransformSpec& step) {
  Json settings = Json::object();
  for (const auto& [name, setting] : step.settings)
    std::visit([&, &key = name](const auto& value) { settings[key] = value; }, setting);
  return {{"name", step.name}, {"settings", settings}};
}
Json to_json(const std::vector<TransformSpec>& steps) {
  Json list = Json::array();
  for (const TransformSpec& step : steps) list.push_back(to_json(step));
  return list;
}

// Bytes that are no UTF-8 cannot stand in a file of JSON, and must not become other texts in silence.
std::string dumped(const Json& json, int indent) {
  try {
    return json.dump(indent);
  } catch (const nlohmann::json::type_error&) {
    throw minitorch::ValueError("[export] a word or label of the data is not UTF-8",
                                "convert the files first: iconv -f latin1 -t utf-8 OLD > NEW");
  }
}

const Json& at(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key)) fail(std::string("\"") + key + "\" is missing");
  return object[key];
}

template <class T>
T get(const Json& object, const char* key) {
  try {
    return at(object, key).get<T>();
  } catch (const nlohmann::json::exception&) {
    fail(std::string("\"") + key + "\" has a value of another type");
  }
}

const Json& list_at(const Json& object, const char* key) {
  const Json& list = at(object, key);
  if (!list.is_array()) fail(std::string("\"") + key + "\" is no list");
  return list;
}

Setting setting_of(const std::string& name, const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  bool numbers = value.is_array(), texts = value.is_array();
  if (value.is_array())
    for (const Json& item : value) {
      numbers = numbers && item.is_number();
      texts = texts && item.is_string();
    }
  if (numbers && !value.empty()) return value.get<std::vector<double>>();
  if (texts) return value.get<std::vector<std::string>>();
  fail("the setting \"" + name + "\" is neither a number, a text, nor a list of one of these");
}

TransformSpec step_of(const Json& item) {
  TransformSpec step{get<std::string>(item, "name"), {}};
  const Json& settings = at(item, "settings");
  if (!settings.is_object()) fail("the settings of " + step.name + " are no object");
  for (const auto& [name, value] : settings.items()) step.settings[name] = setting_of(name, value);
  return step;
}
std::vector<TransformSpec> steps_of(const Json& list) {
  if (!list.is_array()) fail("the transforms are no list");
  std::vector<TransformSpec> steps;
  for (const Json& item : list) steps.push_back(step_of(item));
  return steps;
}

TargetKind kind_of(const std::string& name) {
  for (std::size_t i = 0; i < std::size(kKinds); ++i)
    if (name == kKinds[i]) return static_cast<TargetKind>(i);
  fail("targets of kind \"" + name + "\" are unknown");
}

}  // namespace

std::string TransformSpec::to_json() const { return dumped(fastcore::to_json(*this), -1); }
TransformSpec TransformSpec::from_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) fail("this is no JSON");
  return step_of(json);
}

std::string PipelineSpec::to_json() const {
  Json inputs = Json::array();
  for (const auto& member : members) inputs.push_back(fastcore::to_json(member));
  const Json json{
      {"format", kFormat},
      {"version", kVersion},
      {"members", inputs},
      {"n_inp", n_inp},
      {"after_item", fastcore::to_json(after_item)},
      {"before_batch", fastcore::to_json(before_batch)},
      {"after_batch", fastcore::to_json(after_batch)},
      {"targets",
       {{"kind", kKinds[static_cast<int>(targets.kind)]}, {"c", targets.c}, {"vocab", targets.vocab}}},
      {"bs", bs}};
  return dumped(json, 1);
}

PipelineSpec PipelineSpec::from_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) fail("this is no JSON");
  if (get<std::string>(json, "format") != kFormat) fail("this is no description of a pipeline");
  if (const int version = get<int>(json, "version"); version != kVersion)
    fail("version " + std::to_string(version) + ", but this library reads version " +
         std::to_string(kVersion));
  PipelineSpec spec;
  for (const Json& member : list_at(json, "members")) spec.members.push_back(steps_of(member));
  spec.n_inp = get<int64_t>(json, "n_inp");
  const auto members = static_cast<int64_t>(spec.members.size());  // 0: tensors that went through no pipeline
  if (spec.n_inp < 1 || (members > 0 && spec.n_inp > members))
    fail("n_inp " + std::to_string(spec.n_inp) + " of " + std::to_string(spec.members.size()) + " members");
  spec.after_item = steps_of(at(json, "after_item"));
  if (json.contains("before_batch")) spec.before_batch = steps_of(json["before_batch"]);
  spec.after_batch = steps_of(at(json, "after_batch"));
  const Json& targets = at(json, "targets");
  spec.targets = {kind_of(get<std::string>(targets, "kind")), get<int64_t>(targets, "c"),
                  get<std::vector<std::string>>(targets, "vocab")};
  if (spec.targets.c < 0 || spec.targets.c > 1 << 24) fail("c " + std::to_string(spec.targets.c));
  spec.bs = get<int64_t>(json, "bs");
  if (spec.bs < 1 || spec.bs > 1 << 24) fail("bs " + std::to_string(spec.bs));
  return spec;
}

}  // namespace fastcore
