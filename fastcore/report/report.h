// SPDX-License-Identifier: MIT
// The report of a run: one HTML file with everything inside. No scripts, nothing fetched, light and dark.
//
//     Report report("Lesson 4: fit a quadratic");
//     report.section("Training").table({"epoch", "loss"}, rows).figure(plot, "The loss falls.");
//     report.save(folder + "/report.html");
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fastcore/plot/image_grid.h"
#include "fastcore/plot/plot.h"

namespace fastcore {

using TextRow = std::vector<std::string>;

/// How a note stands out.
enum class Tone {
  plain,
  good,     ///< something went well
  warning,  ///< something to look at, with what to try
  bad       ///< something failed
};

/// Sections of text, tables and figures, in the order in which they are added. All text is escaped.
class Report {
 public:
  explicit Report(std::string title) : title_(std::move(title)) {}

  /// Starts a section; later additions belong to it. It appears in the list of contents.
  Report& section(const std::string& name);
  /// A heading within the section.
  Report& heading(const std::string& name);
  Report& text(const std::string& paragraph);
  /// A paragraph in a coloured frame.
  Report& note(Tone tone, const std::string& paragraph);
  /// Text as it stands, in a fixed-width font: model summaries, console output.
  Report& code(const std::string& lines);
  /// The same, long and for those who want it: one line, `summary`, that opens into it.
  Report& folded_code(const std::string& summary, const std::string& lines);
  /// A table; cells that are numbers are set to the right. @throws ShapeError for a row of another length
  Report& table(const TextRow& header, const std::vector<TextRow>& rows);
  /// The same, where the first cell of each row leads to a page; an empty link leads nowhere.
  /// @throws ShapeError for a row of another length, or where there are not as many links as rows
  Report& linked_table(const TextRow& header, const std::vector<TextRow>& rows,
                       const std::vector<std::string>& links);
  /// A list of names and values: options, versions.
  Report& facts(const std::vector<std::pair<std::string, std::string>>& facts);
  Report& figure(const Plot& plot, const std::string& caption = "");
  Report& figure(const Figure& figure, const std::string& caption = "");
  Report& figure(const ImageGrid& grid, const std::string& caption = "");
  /// A picture, shown `width` points wide at most.
  Report& figure(const Image& image, const std::string& caption, double width = 480);
  /// An animation, as bytes from encode_apng.
  Report& animation(Bytes apng, const std::string& caption, double width = 560);

  std::string html() const;
  /// Writes the page, whole or not at all. @throws FileError when it cannot be written
  void save(const std::string& path) const;

 private:
  Report& add_figure(const std::string& content, const std::string& caption);

  std::string title_, body_;
  std::vector<std::string> sections_;
};

}  // namespace fastcore
