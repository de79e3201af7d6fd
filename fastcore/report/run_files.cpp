// SPDX-License-Identifier: MIT
#include "fastcore/report/run_files.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fastcore/plot/plot.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

using Json = nlohmann::ordered_json;
using minitorch::FileError;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json to_json(const RunValue& value) {
  if (auto* d = std::get_if<double>(&value)) return number(*d);
  if (auto* list = std::get_if<std::vector<double>>(&value)) {
    Json array = Json::array();
    for (double d : *list) array.push_back(number(d));
    return array;
  }
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json to_json(const RunFields& fields) {
  Json object = Json::object();
  for (const auto& [name, value] : fields) {
    if (object.contains(name))
      throw minitorch::ValueError("[run_json] the name '" + name + "' is given twice",
                                  "give each of the two a name of its own");
    object[name] = to_json(value);
  }
  return object;
}

RunValue from_json(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number() || json.is_null()) return json.is_null() ? NAN : json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  bool texts = !json.empty() && json[0].is_string();
  if (texts) return json.get<std::vector<std::string>>();
  std::vector<double> list;
  for (const Json& item : json) list.push_back(item.is_null() ? NAN : item.get<double>());
  return list;
}

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (char c : cell) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string run_json(const RunRecord& record) {
  Json json = to_json(record.fields);
  for (const auto& [name, fields] : record.groups) {
    if (json.contains(name))
      throw minitorch::ValueError("[run_json] the name '" + name + "' is given twice",
                                  "give each of the two a name of its own");
    json[name] = to_json(fields);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_run_json(const std::string& path, const RunRecord& record) {
  write_text_file(path, run_json(record));
}

RunRecord read_run_json(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw FileError("[read_run_json] " + path + ": " + std::strerror(errno), "list the runs with ls out/");
  RunRecord record;
  try {
    Json json = Json::parse(file);
    if (!json.is_object()) throw FileError("");
    for (const auto& [name, value] : json.items()) {
      if (!value.is_object()) {
        record.fields.emplace_back(name, from_json(value));
        continue;
      }
      RunFields fields;
      for (const auto& [key, inner] : value.items()) fields.emplace_back(key, from_json(inner));
      record.groups.emplace_back(name, std::move(fields));
    }
  } catch (const std::exception&) {  // nlohmann's texts speak of bytes and columns, which help nobody here
    throw FileError("[read_run_json] " + path + ": not the record of a run",
                    "delete the folder, or run again");
  }
  return record;
}

std::string csv_text(const std::vector<std::string>& header,
                     const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  auto line = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) text += (i ? "," : "") + quoted(cells[i]);
    text += "\n";
  };
  line(header);
  for (const auto& row : rows) line(row);
  return text;
}

void write_metrics_csv(const std::string& path, const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows) {
  for (size_t r = 0; r < rows.size(); ++r)
    if (rows[r].size() != header.size())
      throw minitorch::ShapeError(
          minitorch::format("[write_metrics_csv] row %zu has %zu cells, the header has %zu", r,
                            rows[r].size(), header.size()),
          "give a cell for each column; \"\" leaves it empty");
  write_text_file(path, csv_text(header, rows));
}

std::string checkpoint_file(int training) {
  return minitorch::format("training_%02d_checkpoint.safetensors", training);
}

// Beside whole ones there may be what a killed run was writing: the name with ".tmp-" behind it.
static std::vector<Path> checkpoints_in(const Path& folder) {
  std::vector<Path> found;
  const Path all = folder / "checkpoints";
  if (!all.is_dir()) return found;
  for (const Path& file : all.ls()) {
    const std::string name = file.name();
    int training = 0;
    if (std::sscanf(name.c_str(), "training_%d_", &training) != 1) continue;
    const std::string whole = checkpoint_file(training);
    if (name == whole || name.starts_with(whole + ".tmp-")) found.push_back(file);
  }
  return found;
}

bool has_checkpoints(const Path& folder) { return !checkpoints_in(folder).empty(); }

void remove_checkpoints(const Path& folder) {
  const auto files = checkpoints_in(folder);
  for (const Path& file : files) file.unlink();
  std::error_code stays;  // where others have put something there
  if (!files.empty()) std::filesystem::remove((folder / "checkpoints").str(), stays);
}

}  // namespace fastcore
