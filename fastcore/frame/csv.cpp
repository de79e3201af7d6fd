// SPDX-License-Identifier: MIT
#include "fastcore/frame/csv.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <unordered_map>
#include <unordered_set>

#include "fastcore/basics/helpers.h"
#include "fastcore/frame/csv_values.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/parallel.h"
#include "minitorch/io/atomic_file.h"

namespace fastcore {
using minitorch::FileError;
using minitorch::ValueError;

namespace {

// What pandas takes as missing.
const std::vector<std::string> kMissing = {"#N/A", "#N/A N/A", "#NA",     "-1.#IND", "-1.#QNAN", "-NaN",
                                           "-nan", "1.#IND",   "1.#QNAN", "<NA>",    "N/A",      "NA",
                                           "NULL", "NaN",      "None",    "n/a",     "nan",      "null"};

// Of equal names the later end in .1, .2 ..., where no other column has that name, as pandas does. `order`
// says whose turn it is.
void tell_apart(Words& names, const std::vector<std::size_t>& order) {
  std::unordered_set<std::string> taken(names.begin(), names.end());
  std::unordered_map<std::string, int64_t> next;  // the number to try for a name that was met before
  for (const std::size_t j : order) {
    const auto [seen, fresh] = next.emplace(names[j], 1);
    if (fresh) continue;
    std::string name;
    do name = names[j] + "." + std::to_string(seen->second++);
    while (!taken.insert(name).second);
    next.emplace(name, 1);
    names[j] = std::move(name);
  }
}

// A different name for each column of the file.
Words column_names(const detail::CsvScan& scan, const CsvOptions& options, bool latin1) {
  Words names = options.names;
  std::vector<std::size_t> order, unnamed;  // a name that we made up gives way to a column's own
  const auto count = names.empty() ? static_cast<std::size_t>(scan.columns()) : names.size();
  for (std::size_t j = 0; j < count; ++j) {
    if (options.names.empty())
      names.push_back(options.header ? detail::csv_text_at(scan, 0, static_cast<int64_t>(j), latin1)
                                     : std::to_string(j));
    const bool made_up = options.names.empty() && names[j].empty();
    if (made_up) names[j] = "Unnamed: " + std::to_string(j);
    (made_up ? unnamed : order).push_back(j);
  }
  order.insert(order.end(), unnamed.begin(), unnamed.end());
  tell_apart(names, order);
  return names;
}

struct Wanted {
  int64_t column;
  std::string name;
};

int64_t place_of(const Cell& column, const Words& names, int64_t columns, const std::string& file) {
  if (column.is_text()) {
    const auto at = std::find(names.begin(), names.end(), column.text());
    if (at != names.end()) return at - names.begin();
  } else if (column.integer() >= 0 && column.integer() < columns) {
    return column.integer();
  }
  throw ValueError("[read_csv] " + file + " has no column " + column.repr(),
                   "there are " + join(L<std::string>(names), ", "));
}

// Which columns are read, in the file's order, and what they are called.
std::vector<Wanted> wanted_columns(const detail::CsvScan& scan, const CsvOptions& options,
                                   const Words& names) {
  std::vector<Wanted> wanted;
  const auto given = static_cast<int64_t>(options.names.size());
  if (options.usecols.empty()) {
    if (given > 0 && given != scan.columns())
      throw ValueError("[read_csv] " + scan.name() + " has " + std::to_string(scan.columns()) + " columns, " +
                           std::to_string(given) + " names are given",
                       "say which columns they name: {.usecols = {0, 1}}");
    for (int64_t j = 0; j < scan.columns(); ++j) wanted.push_back({j, names[static_cast<std::size_t>(j)]});
    return wanted;
  }
  std::vector<int64_t> places;
  for (const Cell& column : options.usecols)
    places.push_back(place_of(column, names, scan.columns(), scan.name()));
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  const bool name_each = given == static_cast<int64_t>(places.size());  // the names are of the chosen ones
  if (given > 0 && !name_each && given != scan.columns())
    throw ValueError("[read_csv] " + std::to_string(given) + " names for " + std::to_string(places.size()) +
                     " columns");
  for (std::size_t i = 0; i < places.size(); ++i)
    wanted.push_back({places[i], names[name_each ? i : static_cast<std::size_t>(places[i])]});
  return wanted;
}

// Where the text goes on behind so many lines, which may end in LF, CR LF or CR.
std::size_t behind_lines(std::string_view text, int64_t lines) {
  std::size_t at = 0;
  for (; lines > 0 && at < text.size(); --lines) {
    at = std::min(text.find_first_of("\r\n", at), text.size());
    at += text.substr(at, 2) == "\r\n" ? 2 : at < text.size();
  }
  return at;
}

}  // namespace

DataFrame parse_csv(std::string_view text, const CsvOptions& options, const std::string& name) {
  if (options.encoding != "utf-8" && options.encoding != "latin-1")
    throw ValueError("[read_csv] encoding '" + options.encoding + "'", "there are utf-8 and latin-1");
  const bool latin1 = options.encoding == "latin-1";
  const int64_t header = options.header ? 1 : 0;
  const int64_t most =
      options.nrows < 0 || options.nrows > INT64_MAX - 1 ? INT64_MAX : options.nrows + header;
  const detail::CsvScan scan(text, behind_lines(text, options.skiprows), name, options.separator, most,
                             options.skipinitialspace);
  if (scan.columns() == 0)
    throw FileError("[read_csv] " + name + " is empty", "the first line names the columns: a,b,c");
  const Words names = column_names(scan, options, latin1);
  const std::vector<Wanted> wanted = wanted_columns(scan, options, names);
  for (const auto& [column, type] : options.dtype)
    if (std::none_of(wanted.begin(), wanted.end(), [&, n = column](const Wanted& w) { return w.name == n; }))
      throw ValueError("[read_csv] a type is given for '" + column + "', which is not among the columns");
  detail::CsvRules rules{.na = kMissing, .longest_na = 0, .latin1 = latin1};
  rules.add(options.na_values);
  std::vector<ColumnData> columns(wanted.size());
  std::vector<std::exception_ptr> errors(wanted.size());
  std::atomic<std::size_t> next = 0;  // texts take longer than numbers: each thread takes the next column
  minitorch::parallel_for(minitorch::num_threads(), 1, [&](int64_t, int64_t) {
    for (std::size_t i; (i = next++) < wanted.size();) {
      const Wanted& w = wanted[i];
      const ColumnType* type = options.dtype.find(w.name);
      try {
        columns[i] =
            detail::csv_column(scan, w.column, header, rules, type ? std::optional(*type) : std::nullopt);
      } catch (...) { errors[i] = std::current_exception(); }
    }
  });
  for (const std::exception_ptr& error : errors)  // the first column's, however many threads there are
    if (error) std::rethrow_exception(error);
  std::vector<Series> named;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    named.push_back(Series(std::move(columns[i])).rename(wanted[i].name));
  return DataFrame(std::move(named));
}

DataFrame read_csv(const Path& path, const CsvOptions& options) {
  const minitorch::io::SourcePtr file = minitorch::io::open_file(path.str());
  std::string text(file->size(), '\0');
  file->read(0, text.data(), text.size());
  return parse_csv(text, options, path.name());
}

namespace {
bool is_blank(const std::string& text) { return text.find_first_not_of(" \t") == std::string::npos; }

void write_field(std::string& out, const std::string& text, bool quote) {
  if (!quote && text.find_first_of(",\"\r\n") == std::string::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}
}  // namespace

std::string csv_text(const DataFrame& frame, bool index) {
  std::string out;
  std::vector<Series> columns = frame.series();
  if (index) columns.insert(columns.begin(), frame.index());
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (j) out += ',';
    // Unquoted, a single blank name would be a blank line, and a byte-order mark that of the file.
    const std::string& column = columns[j].name();
    const bool quote =
        (columns.size() == 1 && is_blank(column)) || (j == 0 && column.starts_with("\xef\xbb\xbf"));
    write_field(out, column, quote);
  }
  out += '\n';
  for (int64_t row = 0; row < frame.rows(); ++row) {
    for (std::size_t j = 0; j < columns.size(); ++j) {
      if (j) out += ',';
      const Cell cell = columns[j][row];
      const std::string text = cell.is_missing() ? "" : cell.text();
      write_field(out, text, columns.size() == 1 && is_blank(text));  // unquoted it would be a blank line
    }
    out += '\n';
  }
  return out;
}

void to_csv(const DataFrame& frame, const Path& path, bool index) {
  minitorch::io::AtomicFile file(path.str());
  file.write(csv_text(frame, index));
  file.commit();
}

}  // namespace fastcore
