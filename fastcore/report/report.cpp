// SPDX-License-Identifier: MIT
#include "fastcore/report/report.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

#include "fastcore/plot/svg.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

constexpr std::size_t kLongestLine = 40;  // of a cell: a longer text takes several, as the page is wide
constexpr double kPageWidth = 1128, kPlotGap = 8;  // what kStyle leaves for figures on a wide screen

const char* const kStyle = R"(
:root{color-scheme:light dark;--paper:#fff;--text:#1f2328;--muted:#59636e;--line:#d9dee3;--soft:#f5f7f9;--link:#0b5fcc}
@media(prefers-color-scheme:dark){:root{--paper:#0d1117;--text:#e6edf3;--muted:#9198a1;--line:#30363d;--soft:#161b22;
--link:#6ea8fe}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:74rem;background:var(--paper);color:var(--text);
font:16px/1.55 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .8rem}
h2{font-size:1.3rem;margin:2.6rem 0 .8rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1.08rem;margin:2rem 0 .6rem}
summary{cursor:pointer;color:var(--link);margin:.6rem 0}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
p{max-width:48rem}
.wide{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.93rem}
th,td{padding:.35rem .9rem;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600;background:var(--soft)}td.n,th.n{text-align:right}td.t{white-space:normal;min-width:16rem;overflow-wrap:anywhere}
pre{background:var(--soft);padding:1rem;border-radius:6px;overflow-x:auto;font-size:.85rem;line-height:1.4}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.4rem;margin:1rem 0}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
figure{margin:1.4rem 0}
figure>svg,.plots>svg,figure>img{max-width:100%;height:auto;border:1px solid var(--line);border-radius:6px}
.plots{display:flex;flex-wrap:wrap;align-items:flex-start;gap:8px}
figcaption{color:var(--muted);font-size:.9rem;margin-top:.4rem;max-width:48rem}
.note{border-left:4px solid var(--muted);background:var(--soft);padding:.7rem 1rem;border-radius:0 6px 6px 0;margin:1rem 0;
max-width:52rem;white-space:pre-line}.good{border-color:#2da44e}.warning{border-color:#d4a017}.bad{border-color:#d1242f}
@media(max-width:36rem){.plots{overflow-x:auto}.plots>svg{flex:none;max-width:none}}
@media print{nav{display:none}figure,table{break-inside:avoid}}
)";

// Digits with signs, points, separators, exponents, percent and times, nan and inf: to be set to the right.
bool is_number(const std::string& cell) {
  for (const char* word : {"nan", "inf", "-nan", "-inf"})
    if (cell == word) return true;
  bool digit = false;
  for (char c : cell) {
    if (std::isdigit(static_cast<unsigned char>(c))) digit = true;
    else if (!std::strchr("+-.,:%eE ", c)) return false;
  }
  return digit;
}

const char* tone_class(Tone tone) {
  switch (tone) {
    case Tone::good: return "note good";
    case Tone::warning: return "note warning";
    case Tone::bad: return "note bad";
    default: return "note";
  }
}

std::string image_tag(const std::string& source, const std::string& caption, double width) {
  return "<img src=\"" + source + "\" alt=\"" + escape_markup(caption) +
         "\" style=\"width:" + minitorch::format("%.0fpx\">", width);
}

}  // namespace

Report& Report::section(const std::string& name) {
  sections_.push_back(name);
  body_ += minitorch::format("<h2 id=\"s%zu\">", sections_.size()) + escape_markup(name) + "</h2>\n";
  return *this;
}

Report& Report::heading(const std::string& name) {
  body_ += "<h3>" + escape_markup(name) + "</h3>\n";
  return *this;
}

Report& Report::text(const std::string& paragraph) {
  body_ += "<p>" + escape_markup(paragraph) + "</p>\n";
  return *this;
}

Report& Report::note(Tone tone, const std::string& paragraph) {
  body_ += std::string("<p class=\"") + tone_class(tone) + "\">" + escape_markup(paragraph) + "</p>\n";
  return *this;
}

Report& Report::code(const std::string& lines) {
  body_ += "<pre>" + escape_markup(lines) + "</pre>\n";
  return *this;
}

Report& Report::folded_code(const std::string& summary, const std::string& lines) {
  body_ += "<details><summary>" + escape_markup(summary) + "</summary>\n";
  code(lines);
  body_ += "</details>\n";
  return *this;
}

Report& Report::table(const TextRow& header, const std::vector<TextRow>& rows) {
  return linked_table(header, rows, std::vector<std::string>(rows.size()));
}

Report& Report::linked_table(const TextRow& header, const std::vector<TextRow>& rows,
                             const std::vector<std::string>& links) {
  if (links.size() != rows.size())
    throw minitorch::ShapeError(
        minitorch::format("[Report::linked_table] %zu links for %zu rows", links.size(), rows.size()));
  std::vector<bool> numeric(header.size(), !rows.empty());
  for (size_t r = 0; r < rows.size(); ++r) {
    if (rows[r].size() != header.size())
      throw minitorch::ShapeError(
          minitorch::format("[Report::table] row %zu has %zu cells, the header has %zu", r, rows[r].size(),
                            header.size()),
          "give a cell for each column; \"\" leaves it empty");
    for (size_t c = 0; c < header.size(); ++c)
      numeric[c] = numeric[c] && (rows[r][c].empty() || is_number(rows[r][c]));
  }
  auto row = [&](const TextRow& cells, const std::string& tag, const std::string& link) {
    body_ += "<tr>";
    for (size_t c = 0; c < cells.size(); ++c) {
      std::string content = escape_markup(cells[c]);
      if (c == 0 && !link.empty()) content = "<a href=\"" + escape_markup(link) + "\">" + content + "</a>";
      const char* kind = numeric[c] ? " class=\"n\"" : cells[c].size() > kLongestLine ? " class=\"t\"" : "";
      body_ += "<" + tag + kind + ">" + content + "</" + tag + ">";
    }
    body_ += "</tr>\n";
  };
  body_ += "<div class=\"wide\"><table>\n";
  row(header, "th", "");
  for (size_t r = 0; r < rows.size(); ++r) row(rows[r], "td", links[r]);
  body_ += "</table></div>\n";
  return *this;
}

Report& Report::facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  body_ += "<dl>\n";
  for (const auto& [name, value] : facts)
    body_ += "<dt>" + escape_markup(name) + "</dt><dd>" + escape_markup(value) + "</dd>\n";
  body_ += "</dl>\n";
  return *this;
}

Report& Report::add_figure(const std::string& content, const std::string& caption) {
  body_ += "<figure>" + content;
  if (!caption.empty()) body_ += "<figcaption>" + escape_markup(caption) + "</figcaption>";
  body_ += "</figure>\n";
  return *this;
}

Report& Report::figure(const Plot& plot, const std::string& caption) {
  return figure(Figure{{plot}, 1}, caption);
}

// Each plot is a drawing of its own, so small that a row of them fits on the page with letters as large as
// the text's, and that a narrow page can put them below each other.
Report& Report::figure(const Figure& figure, const std::string& caption) {
  std::string drawings;
  const int columns = std::clamp(figure.columns, 1, std::max(1, static_cast<int>(figure.plots.size())));
  for (Plot plot : figure.plots) {
    const double share = std::min(1.0, (kPageWidth - kPlotGap * (columns - 1)) / (columns * plot.width));
    plot.width = std::floor(share * plot.width);
    plot.height = std::floor(share * plot.height);
    drawings += plot.svg(SvgShade::automatic);
  }
  return add_figure("<div class=\"plots\">" + drawings + "</div>", caption);
}

Report& Report::figure(const ImageGrid& grid, const std::string& caption) {
  return add_figure(grid.svg(SvgShade::automatic), caption);
}

Report& Report::figure(const Image& image, const std::string& caption, double width) {
  return add_figure(image_tag(data_uri(image, false), caption, width), caption);
}

Report& Report::animation(Bytes apng, const std::string& caption, double width) {
  return add_figure(image_tag("data:image/png;base64," + base64(apng), caption, width), caption);
}

// The policy line makes the promise of one file without scripts or network something that the browser
// enforces.
std::string Report::html() const {
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n";
  page +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "img-src data:\">\n";
  page += "<title>" + escape_markup(title_) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n";
  page += "<h1>" + escape_markup(title_) + "</h1>\n";
  if (sections_.size() > 1) {
    page += "<nav>";
    for (size_t i = 0; i < sections_.size(); ++i)
      page += minitorch::format("<a href=\"#s%zu\">", i + 1) + escape_markup(sections_[i]) + "</a>";
    page += "</nav>\n";
  }
  return page + body_ + "</body>\n</html>\n";
}

void Report::save(const std::string& path) const { write_text_file(path, html()); }

}  // namespace fastcore
