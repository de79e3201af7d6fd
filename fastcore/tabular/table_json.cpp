// SPDX-License-Identifier: MIT
// What was learned of a table's columns, as JSON and back.
#include <nlohmann/json.hpp>
#include <typeinfo>

#include "fastcore/tabular/specs.h"

namespace fastcore {
namespace {

using Json = nlohmann::ordered_json;
using minitorch::FileError;
using minitorch::ValueError;

constexpr const char* kFormat = "fastcore.table";
constexpr int kVersion = 1;
constexpr const char* const kStrategies[] = {"median", "constant", "mode"};

[[noreturn]] void fail(const std::string& what) {
  throw FileError("[load_learner] the table: " + what,
                  "export the learner again with this version of the library");
}

template <class T>
T get(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key)) fail(std::string("\"") + key + "\" is missing");
  try {
    return object[key].get<T>();
  } catch (const nlohmann::json::exception&) {
    fail(std::string("\"") + key + "\" has a value of another type");
  }
}

template <class T>
Json to_json(const Dict<std::string, T>& dict) {
  Json object = Json::object();
  for (const auto& [name, value] : dict) object[name] = value;
  return object;
}
template <class T>
Dict<std::string, T> dict_of(const Json& object, const char* key) {
  Dict<std::string, T> dict;
  const Json items = get<Json>(object, key);
  if (!items.is_object()) fail(std::string("\"") + key + "\" is no object");
  for (const auto& [name, value] : items.items()) dict[name] = get<T>(items, name.c_str());
  return dict;
}

// One derived from a proc of the library does other work.
template <class Proc>
const Proc* exactly(const TabularProc& proc) {
  return typeid(proc) == typeid(Proc) ? static_cast<const Proc*>(&proc) : nullptr;
}

Json to_json(const TabularProc& proc) {
  if (const auto* p = exactly<Categorify>(proc))
    return {{"name", "Categorify"}, {"classes", to_json(p->classes)}};
  if (const auto* p = exactly<FillMissing>(proc))
    return {
        {"name", "FillMissing"},          {"fill_strategy", kStrategies[static_cast<int>(p->fill_strategy)]},
        {"add_col", p->add_col},          {"fill_vals", to_json(p->fill_vals)},
        {"na_dict", to_json(p->na_dict)}, {"cont_names", p->cont_names}};
  if (const auto* p = exactly<NormalizeColumns>(proc))
    return {{"name", "Normalize"}, {"means", to_json(p->means)}, {"stds", to_json(p->stds)}};
  throw ValueError(
      "[export] the proc " + proc.name() + " has no way to be written down",
      "do its work on the table before the loaders are made, or keep the weights alone: learn.save, "
      "and learn.load in a program that makes the same loaders and learner");
}

std::shared_ptr<TabularProc> proc_of(const Json& json) {
  const auto name = get<std::string>(json, "name");
  if (name == "Categorify") {
    Categorify proc;
    proc.classes = dict_of<std::vector<std::string>>(json, "classes");
    for (const auto& [column, classes] : proc.classes)
      if (classes.empty()) fail("column '" + column + "' has no classes");
    return std::make_shared<Categorify>(proc);
  }
  if (name == "FillMissing") {
    FillMissing proc;
    const auto strategy = get<std::string>(json, "fill_strategy");
    const auto found = std::find(std::begin(kStrategies), std::end(kStrategies), strategy);
    if (found == std::end(kStrategies)) fail("fill_strategy \"" + strategy + "\" is unknown");
    proc.fill_strategy = static_cast<FillStrategy>(found - std::begin(kStrategies));
    proc.add_col = get<bool>(json, "add_col");
    proc.fill_vals = dict_of<double>(json, "fill_vals");
    proc.na_dict = dict_of<double>(json, "na_dict");
    proc.cont_names = get<std::vector<std::string>>(json, "cont_names");
    return std::make_shared<FillMissing>(proc);
  }
  if (name == "Normalize") {
    NormalizeColumns proc;
    proc.means = dict_of<double>(json, "means");
    proc.stds = dict_of<double>(json, "stds");
    for (const auto& [column, mean] : proc.means)
      if (!proc.stds.contains(column)) fail("column '" + column + "' has a mean, but no deviation");
    return std::make_shared<NormalizeColumns>(proc);
  }
  fail("the proc \"" + name + "\" is unknown");
}

Json to_json(const TabularPrep& prep) {
  Json procs = Json::array();
  for (const auto& proc : prep.procs()) procs.push_back(to_json(*proc));
  const Targets& targets = prep.targets();
  const TabularColumns& columns = prep.columns();
  return {{"format", kFormat},
          {"version", kVersion},
          {"cat_names", columns.cat_names.list()},
          {"cont_names", columns.cont_names.list()},
          {"y_names", columns.y_names.list()},
          {"procs", procs},
          {"number", targets.kind == TargetKind::number},
          {"c", targets.c},
          {"vocab", targets.vocab}};
}

std::shared_ptr<const TabularPrep> prep_of(const Json& json) {
  if (json.is_discarded()) fail("this is no JSON");
  if (get<std::string>(json, "format") != kFormat) fail("this is no description of one");
  if (const int version = get<int>(json, "version"); version != kVersion)
    fail("version " + std::to_string(version) + ", but this library reads version " +
         std::to_string(kVersion));
  using Names = std::vector<std::string>;
  const TabularColumns columns{get<Names>(json, "cat_names"), get<Names>(json, "cont_names"),
                               get<Names>(json, "y_names")};
  std::vector<std::shared_ptr<TabularProc>> procs;
  for (const Json& proc : get<std::vector<Json>>(json, "procs")) procs.push_back(proc_of(proc));
  Targets targets;
  targets.c = get<int64_t>(json, "c");
  targets.vocab = get<Names>(json, "vocab");
  if (targets.c < 0 || targets.c > 1 << 24) fail("c " + std::to_string(targets.c));
  if (!columns.y_names.empty())
    targets.kind = get<bool>(json, "number") ? TargetKind::number : TargetKind::category;
  if (targets.kind == TargetKind::category && targets.c != static_cast<int64_t>(targets.vocab.size()))
    fail(std::to_string(targets.vocab.size()) + " classes, and c " + std::to_string(targets.c));
  return std::make_shared<const TabularPrep>(std::move(procs), columns, targets);
}

std::string dumped(const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string prep_json(const TabularPrep& prep) { return dumped(to_json(prep)); }
std::shared_ptr<const TabularPrep> prep_from_json(const std::string& text) {
  return prep_of(Json::parse(text, nullptr, false));
}

std::string table_json(const TabularLoader& loader) {
  Json json = to_json(*loader.rows().prep());
  json["with_cont"] = loader.with_cont();
  json["bs"] = loader.batch_size();
  return dumped(json);
}

std::shared_ptr<TabularLoader> table_from_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto prep = prep_of(json);
  const auto bs = get<int64_t>(json, "bs");
  if (bs < 1 || bs > 1 << 24) fail("bs " + std::to_string(bs));
  return std::make_shared<TabularLoader>(TabularPandas(prep), TensorLoaderOptions{.bs = bs},
                                         get<bool>(json, "with_cont"));
}

}  // namespace fastcore
