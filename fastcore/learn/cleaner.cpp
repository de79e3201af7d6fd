// SPDX-License-Identifier: MIT
#include "fastcore/learn/cleaner.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "fastcore/basics/helpers.h"
#include "fastcore/frame/csv.h"
#include "fastcore/learn/interpret.h"
#include "minitorch/ops/reduce/reduce.h"

namespace fastcore {
using namespace minitorch;

ImageClassifierCleaner::ImageClassifierCleaner(Learner& learn, const CleanerOptions& options) {
  const Targets targets = learn.dls.targets();
  if (targets.kind != TargetKind::category)
    throw ValueError("[ImageClassifierCleaner] the targets are no classes, one for each item",
                     "look at other data by their losses: Interpretation::from_learner(learn).top_losses()");
  classes = targets.vocab;
  for (const int64_t ds_idx : {0, 1}) {
    const auto loader = learn.dls[ds_idx].with({.shuffle = false, .drop_last = false, .split = 1});
    const Predictions p = learn.get_preds(*loader, {.with_decoded = true, .with_loss = true});
    check_class_answers("ImageClassifierCleaner", learn, p);
    const auto losses = p.losses.to_vector<double>(), sure = amax(p.preds, {1}).to_vector<double>();
    const auto truth = p.targs.to_vector<int64_t>(), said = p.decoded.to_vector<int64_t>();
    const std::vector<int64_t> order = loss_order(losses);
    for (int64_t label = 0; label < classes.size(); ++label) {
      int64_t taken = 0;
      for (const int64_t item : order) {
        const auto i = static_cast<std::size_t>(item);
        if (truth[i] != label || taken == options.max_n) continue;
        const Path file(loader->item_name(item));
        if (!file.is_file())
          throw ValueError("[ImageClassifierCleaner] the item '" + file.str() + "' is no file",
                           "clean data that a DataBlock reads from files");
        fns.append(file);
        rows.push_back(
            {ds_idx ? "valid" : "train", classes[label], classes[said[i]], sure[i], losses[i], ""});
        ++taken;
      }
    }
  }
}

ImageClassifierCleaner::ImageClassifierCleaner(const Path& csv) {
  const L<std::string> columns{"number",    "file",        "split", "label",
                               "predicted", "probability", "loss",  "change_to"};
  if (const std::string text = csv.read_text();
      text.substr(0, text.find_first_of("\r\n")) != join(columns, ","))
    throw FileError("[ImageClassifierCleaner] " + csv.str() + " is no table that a cleaner wrote",
                    "its first line is " + join(columns, ","));
  Dict<std::string, ColumnType> texts;  // everything as text: a class may be called 7
  for (const std::string& name : columns) texts[name] = ColumnType::text;
  const DataFrame table = read_csv(csv, {.dtype = texts});
  const auto text = [&](const char* column, int64_t row) {
    const Cell cell = table[column][row];
    return cell.is_missing() ? std::string() : cell.text();
  };
  for (int64_t i = 0; i < table.rows(); ++i) {
    fns.append(Path(text("file", i)));
    rows.push_back({text("split", i), text("label", i), text("predicted", i),
                    std::atof(text("probability", i).c_str()), std::atof(text("loss", i).c_str()), ""});
    for (const std::string& name : {rows.back().label, rows.back().predicted})
      if (std::find(classes.begin(), classes.end(), name) == classes.end()) classes.append(name);
  }
  for (int64_t i = 0; i < table.rows(); ++i) mark(i, text("change_to", i));
}

ImageGrid ImageClassifierCleaner::grid(const std::string& split, const std::string& label) const {
  ImageGrid grid{.items = {}, .title = split + ": " + label + "?"};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (row.split != split || row.label != label) continue;
    const std::string title = format("%zu: ", i) + row.predicted + format(" %.2f", row.probability);
    grid.items.push_back({Image::open(fns[static_cast<int64_t>(i)].str()), title,
                          row.predicted == label ? Ink::good : Ink::bad});
  }
  return grid;
}

void ImageClassifierCleaner::write(const Path& folder) const {
  folder.mkdir({.parents = true, .exist_ok = true});
  for (const char* split : {"train", "valid"})
    for (const std::string& label : classes)
      if (const ImageGrid pictures = grid(split, label); !pictures.items.empty())
        pictures.save((folder / (std::string(split) + "_" + label + ".png")).str());
  std::vector<int64_t> numbers(rows.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  DataFrame table({{"number", Series(numbers)}});
  const auto column = [&](const char* name, const auto& of) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < rows.size(); ++i) values.push_back(of(rows[i], i));
    table.set(name, Series(values));
  };
  column("file", [&](const Row&, std::size_t i) {  // whole, for who reads the table from another folder
    return std::filesystem::absolute(fns[static_cast<int64_t>(i)].str()).native();
  });
  column("split", [](const Row& row, std::size_t) { return row.split; });
  column("label", [](const Row& row, std::size_t) { return row.label; });
  column("predicted", [](const Row& row, std::size_t) { return row.predicted; });
  column("probability", [](const Row& row, std::size_t) { return number_cell(row.probability, 3); });
  column("loss", [](const Row& row, std::size_t) { return number_cell(row.loss, 3); });
  column("change_to", [](const Row& row, std::size_t) { return row.change_to; });
  to_csv(table, folder / "clean.csv");
}

void ImageClassifierCleaner::mark(int64_t idx, const std::string& change_to) {
  if (idx < 0 || idx >= fns.size())
    throw IndexError(format("[ImageClassifierCleaner] no picture %lld of %lld", static_cast<long long>(idx),
                            static_cast<long long>(fns.size())),
                     "the numbers are those in clean.csv and above the pictures, from 0");
  const bool keep = change_to.empty() || change_to == "keep";
  if (!keep && change_to != "delete" &&
      std::find(classes.begin(), classes.end(), change_to) == classes.end()) {
    L<std::string> words = classes;
    for (const char* word : {"keep", "delete"}) words.append(word);
    const std::string close = nearest(change_to, words);
    throw ValueError(
        format("[ImageClassifierCleaner] picture %lld is to become '", static_cast<long long>(idx)) +
            change_to + "', which is neither keep, delete nor a class",
        close.empty() ? "the classes are " + classes.repr() : "did you mean '" + close + "'?");
  }
  rows[static_cast<std::size_t>(idx)].change_to = keep ? "" : change_to;
}

std::vector<int64_t> ImageClassifierCleaner::removed() const {
  std::vector<int64_t> numbers;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].change_to == "delete") numbers.push_back(static_cast<int64_t>(i));
  return numbers;
}

std::vector<std::pair<int64_t, std::string>> ImageClassifierCleaner::changed() const {
  std::vector<std::pair<int64_t, std::string>> changes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& to = rows[i].change_to;
    if (!to.empty() && to != "delete" && to != rows[i].label)
      changes.emplace_back(static_cast<int64_t>(i), to);
  }
  return changes;
}

Path move_picture(const Path& file, const Path& folder) {
  folder.mkdir({.parents = true, .exist_ok = true});
  Path target = folder / file.name();
  for (int n = 1; target.exists(); ++n)
    target = folder / (file.stem() + "_" + std::to_string(n) + file.suffix());
  return file.rename(target);
}

}  // namespace fastcore
