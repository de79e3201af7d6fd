// SPDX-License-Identifier: MIT
// The files of a run that programs read: metrics.csv and run.json.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fastcore/basics/path.h"

namespace fastcore {

/// A value of run.json; a number that is not finite is written as null.
using RunValue =
    std::variant<bool, int64_t, double, std::string, std::vector<double>, std::vector<std::string>>;

/// Named values in a fixed order.
using RunFields = std::vector<std::pair<std::string, RunValue>>;

/// What run.json holds: fields at the top (status, seed, seconds ...) and named groups of fields (options,
/// versions, metrics ...).
struct RunRecord {
  RunFields fields;
  std::vector<std::pair<std::string, RunFields>> groups;
};

/// The record as indented JSON. Bytes that are not UTF-8 are replaced. @throws ValueError for a name given
/// twice
std::string run_json(const RunRecord& record);

/// Writes run.json, whole or not at all. @throws FileError when it cannot be written
void write_run_json(const std::string& path, const RunRecord& record);

/// A run.json read back; null becomes NaN. @throws FileError naming the file when it is missing or not such a
/// record
RunRecord read_run_json(const std::string& path);

/// Lines of comma-separated values as RFC 4180 has them: a cell with a comma, a quote or a line break is
/// quoted.
std::string csv_text(const std::vector<std::string>& header,
                     const std::vector<std::vector<std::string>>& rows);

/// Writes metrics.csv, whole or not at all.
/// @throws ShapeError for a row of another length than the header; FileError when it cannot be written
void write_metrics_csv(const std::string& path, const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows);

/// "training_02_checkpoint.safetensors": where the second training of a run keeps its checkpoint.
std::string checkpoint_file(int training);
/// Whether a run has left checkpoints in its folder.
bool has_checkpoints(const Path& folder);
/// Deletes them, and the folder "checkpoints" when nothing else lies in it.
void remove_checkpoints(const Path& folder);

}  // namespace fastcore
