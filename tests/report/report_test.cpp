// SPDX-License-Identifier: MIT
#include "fastcore/report/report.h"

#include <cmath>
#include <cstdlib>

#include "fastcore/image/png.h"
#include "fastcore/report/json_line.h"
#include "fastcore/report/run_files.h"
#include "minitorch/core/utf8.h"
#include "tests/image/pictures.h"

namespace fastcore {
namespace {

Report sample() {
  Plot plot("Loss");
  plot.curve({3, 2, 1}, {.label = "train", .width = 6});
  ImageGrid grid{.items = {{noise(80, 90, 3), "cat", Ink::good}}};
  Report report("Lesson <1> & more");
  report.facts({{"seed", "42"}});
  report.section("Training").table({"epoch", "loss", "name"}, {{"0", "1.25", "a,b"}, {"1", "nan", "<x>"}});
  report.figure(plot, "It falls.").note(Tone::warning, "Try fewer epochs.").code("a < b");
  report.section("Pictures").figure(grid).figure(noise(8, 8, 3), "noise");
  report.animation(encode_apng({{noise(4, 4, 3), 100}}, 0), "moving");
  return report;
}

bool holds(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

TEST_CASE("a report holds everything, escaped, and nothing from outside") {
  std::string html = sample().html();
  CHECK(holds(html, "<h1>Lesson &lt;1&gt; &amp; more</h1>"));
  CHECK(holds(html, "<a href=\"#s2\">Pictures</a>"));
  CHECK(holds(html, "<td class=\"n\">1.25</td><td>a,b</td>"));
  CHECK(holds(html, "<td class=\"n\">nan</td><td>&lt;x&gt;</td>"));
  CHECK(holds(html, "<p class=\"note warning\">Try fewer epochs.</p>"));
  CHECK(holds(html, "<figcaption>It falls.</figcaption>"));
  CHECK(holds(html, "data:image/png;base64,"));
  CHECK_FALSE(holds(html, "<script"));
  CHECK_FALSE(holds(html, "<link"));
  CHECK_FALSE(holds(html, "src=\"http"));
  CHECK_FALSE(holds(html, "url("));
  CHECK(refusal<minitorch::ShapeError>([] {
          Report("r").table({"a", "b"}, {{"1"}});
        }) ==
        "[Report::table] row 0 has 1 cells, the header has 2 | give a cell for each column; \"\" leaves it "
        "empty");
}

TEST_CASE("a report is UTF-8 whatever its names are") {
  const std::string bird = "Gr\xfcnspecht";
  Report report("Birds of " + bird);
  report.section(bird).text(bird).table({bird}, {{bird}}).figure(Plot(bird).curve({1, 2}), bird).code(bird);
  CHECK(minitorch::is_utf8(report.html()));
  CHECK(json_text(bird) == "\"Gr\xef\xbf\xbdnspecht\"");
}

TEST_CASE("a long text in a table takes several lines, so that the columns after it are seen") {
  const std::string text(60, 'x'), html = Report("r").table({"input", "sure"}, {{text, "yes"}}).html();
  CHECK(holds(html, ("<td class=\"t\">" + text + "</td><td>yes</td>").c_str()));
  CHECK(holds(html, "td.t{white-space:normal"));
}

TEST_CASE("a column of numbers is one with nan and inf, of either sign") {
  const std::string html =
      Report("r").table({"a", "b"}, {{"-nan", "nano"}, {"-inf", "1"}, {"inf", "2"}}).html();
  CHECK(holds(html, "<td class=\"n\">-nan</td><td>nano</td>"));
}

TEST_CASE(
    "plots of a figure are drawings of their own: a row of them fits a wide page, letters keep their size") {
  Figure figure;
  for (const char* name : {"Mean", "Deviation", "Near zero"})
    figure.plots.push_back(Plot(name).curve({1, 2}));
  const auto page = [&](int columns) {
    figure.columns = columns;
    return Report("r").figure(figure, "three").html();
  };
  const auto widths = [](const std::string& html) {
    std::vector<double> found;
    for (auto at = html.find("<div class=\"plots\">");
         (at = html.find("<svg xmlns", at)) != std::string::npos; ++at)
      found.push_back(std::stod(html.substr(html.find("width=\"", at) + 7)));
    return found;
  };
  const std::string three = page(3);
  CHECK(widths(three) == std::vector<double>{370, 370, 370});
  CHECK(widths(page(2)) == std::vector<double>{560, 560, 560});
  for (const char* name : {"Mean", "Deviation", "Near zero"})
    CHECK(holds(three,
                ("font-size=\"14\" text-anchor=\"middle\" fill=\"#1f2328\" class=\"f1\">" + std::string(name))
                    .c_str()));
  CHECK(widths(Report("r").figure(Plot("Loss").curve({1, 2})).html()) == std::vector<double>{560});
}

TEST_CASE("the first cell of a row leads to a page, where there is one") {
  Report report("r");
  report.linked_table({"lesson", "time"}, {{"<3>", "00:01"}, {"4", "-"}}, {"03/a&b.html", ""});
  const std::string html = report.html();
  CHECK(holds(html, "<tr><td><a href=\"03/a&amp;b.html\">&lt;3&gt;</a></td><td>00:01</td></tr>"));
  CHECK(holds(html, "<tr><td>4</td><td>-</td></tr>"));
  CHECK(refusal<minitorch::ShapeError>([] {
          Report("r").linked_table({"a"}, {{"1"}, {"2"}}, {"one"});
        }) == "[Report::linked_table] 1 links for 2 rows | ");
}

// Opens the page in Chromium and returns what it looks like.
Image browse(const std::string& page, const std::string& picture, const char* options) {
  std::string command = "timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars " +
                        std::string(options) + " --window-size=900,1400 --screenshot=" + picture +
                        " file://" + page + " >/dev/null 2>&1";
  REQUIRE(std::system(command.c_str()) == 0);
  return Image::open(picture);
}

int pixels_of(const Image& image, Rgb color) {
  int n = 0;
  for (int64_t i = 0; i < image.bytes(); i += 3)
    n += image.data()[i] == color[0] && image.data()[i + 1] == color[1] && image.data()[i + 2] == color[2];
  return n;
}

TEST_CASE("a real browser shows the report, light and dark") {
  if (std::system("command -v chromium >/dev/null 2>&1") != 0) {
    WARN("no chromium here: the report was not opened");
    return;
  }
  TempFolder folder;
  sample().save(folder / "report.html");
  Image light = browse(folder / "report.html", folder / "light.png", "");
  CHECK(pixels_of(light, kLightTheme[static_cast<int>(Ink::series_0)]) > 500);
  CHECK(pixels_of(light, {255, 255, 255}) > 500'000);
  Image dark = browse(folder / "report.html", folder / "dark.png", "--blink-settings=preferredColorScheme=0");
  CHECK(pixels_of(dark, kDarkTheme[static_cast<int>(Ink::series_0)]) > 500);
  CHECK(pixels_of(dark, kDarkTheme[static_cast<int>(Ink::paper)]) > 500'000);
}

TEST_CASE("run.json: order kept, numbers that are none become null, and all of it read back") {
  TempFolder folder;
  RunRecord record{
      .fields = {{"status", std::string("finished")}, {"seed", int64_t{42}}, {"quick", true}},
      .groups = {{"metrics", {{"loss", 0.25}, {"bad", NAN}, {"curve", std::vector<double>{1, INFINITY}}}},
                 {"classes", {{"vocab", std::vector<std::string>{"3", "7\"\n"}}}}}};
  CHECK(run_json(record) ==
        "{\n  \"status\": \"finished\",\n  \"seed\": 42,\n  \"quick\": true,\n  \"metrics\": {\n    "
        "\"loss\": 0.25,\n"
        "    \"bad\": null,\n    \"curve\": [\n      1.0,\n      null\n    ]\n  },\n  \"classes\": {\n    "
        "\"vocab\": [\n"
        "      \"3\",\n      \"7\\\"\\n\"\n    ]\n  }\n}\n");
  write_run_json(folder / "run.json", record);
  RunRecord again = read_run_json(folder / "run.json");
  CHECK(again.fields == record.fields);
  CHECK(std::isnan(std::get<double>(again.groups[0].second[1].second)));
  CHECK(again.groups[1] == record.groups[1]);
  CHECK(refusal<minitorch::ValueError>([] {
          run_json({.fields = {{"a", true}, {"a", false}}, .groups = {}});
        }) == "[run_json] the name 'a' is given twice | give each of the two a name of its own");
  spill(folder / "bad.json", {'{', '"', 'a'});
  CHECK(refusal([&] { read_run_json(folder / "bad.json"); }) ==
        "[read_run_json] " + (folder / "bad.json") +
            ": not the record of a run | delete the folder, or run again");
  CHECK(refusal([&] { read_run_json(folder / "none.json"); }).find("No such file") != std::string::npos);
  CHECK_NOTHROW(run_json({.fields = {{"broken", std::string("\xff\xfe")}}, .groups = {}}));
}

TEST_CASE("metrics.csv quotes as RFC 4180") {
  CHECK(
      csv_text({"epoch", "note"}, {{"0", "plain"}, {"1", "a,b"}, {"2", "say \"hi\""}, {"3", "two\nlines"}}) ==
      "epoch,note\n0,plain\n1,\"a,b\"\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n");
  TempFolder folder;
  CHECK(
      refusal<minitorch::ShapeError>([&] {
        write_metrics_csv(folder / "m.csv", {"a"}, {{"1", "2"}});
      }) ==
      "[write_metrics_csv] row 0 has 2 cells, the header has 1 | give a cell for each column; \"\" leaves it "
      "empty");
  CHECK_FALSE(std::filesystem::exists(folder / "m.csv"));
}

}  // namespace
}  // namespace fastcore
