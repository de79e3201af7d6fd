// SPDX-License-Identifier: MIT
#include "fastcore/plot/plot.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fastcore/image/png.h"
#include "fastcore/plot/font.h"
#include "fastcore/plot/notes.h"
#include "fastcore/plot/raster.h"
#include "fastcore/plot/svg.h"
#include "fastcore/plot/ticks.h"
#include "minitorch/core/utf8.h"
#include "tests/image/pictures.h"

namespace fastcore {
namespace {

std::string texts(const std::vector<Tick>& ticks) {
  std::string all;
  for (const Tick& tick : ticks) all += (all.empty() ? "" : " ") + tick.text;
  return all;
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

// How many pixels have exactly this colour.
int pixels_of(const Image& image, Rgb color) {
  int n = 0;
  for (int64_t i = 0; i < image.bytes(); i += 3)
    n += image.data()[i] == color[0] && image.data()[i + 1] == color[1] && image.data()[i + 2] == color[2];
  return n;
}

TEST_CASE("ticks are round numbers, written alike") {
  CHECK(texts(linear_ticks(0, 1, 5)) == "0 0.2 0.4 0.6 0.8 1.0");
  CHECK(texts(linear_ticks(-2.1, 2.1, 5)) == "−2 −1 0 1 2");
  CHECK(texts(linear_ticks(0, 1, 4)) == "0 0.25 0.50 0.75 1.00");
  CHECK(texts(linear_ticks(0, 6000, 3)) == "0 2,000 4,000 6,000");
  CHECK(texts(linear_ticks(0.00001, 0.00005, 4)) == "10⁻⁵ 2×10⁻⁵ 3×10⁻⁵ 4×10⁻⁵ 5×10⁻⁵");
  CHECK(texts(linear_ticks(-0.1, 2.1, 6)) == "0 0.5 1.0 1.5 2.0");
  CHECK(texts(linear_ticks(-0.1, 2.1, 6, true)) == "0 1 2");
  CHECK(texts(linear_ticks(0, 12, 5)) == "0 2.5 5.0 7.5 10.0");
  CHECK(texts(linear_ticks(0, 12, 5, true)) == "0 5 10");
  CHECK(texts(linear_ticks(0, 120, 5, true)) == "0 25 50 75 100");
  CHECK(texts(log_ticks(1e-7, 10, 5)) == "10⁻⁷ 10⁻⁵ 10⁻³ 10⁻¹ 10¹");
  CHECK(texts(log_ticks(1, 100, 5)) == "1 2 5 10 20 50 100");
  CHECK(texts(log_ticks(1.1, 1.9, 5)) == "1.2 1.4 1.6 1.8");
  CHECK(texts(log_ticks(2.5, 8, 5)) == "4 6 8");
  CHECK(texts(log_ticks(1.5e-6, 1.9e-6, 4)) == "1.5×10⁻⁶ 1.6×10⁻⁶ 1.7×10⁻⁶ 1.8×10⁻⁶ 1.9×10⁻⁶");
  CHECK(texts(log_ticks(1, 1, 5)) == "1");
}

TEST_CASE("numbers that differ by rounding alone have no ticks between them, and are shown as one") {
  for (const double x : {0.6, -0.6, 1e17, 1e-300, 5e-324}) {
    const double next = std::nextafter(x, HUGE_VAL);
    CHECK(linear_ticks(x, next, 6).size() <= 8);
    CHECK(linear_ticks(x, x, 6).empty());
    const auto drawn = [&](const Plot& plot) {
      const std::string svg = plot.svg();
      CHECK(svg.find("nan") == std::string::npos);
      CHECK(svg.size() < 20'000);
    };
    drawn(Plot("noise").curve({x, next, x}));
    drawn(Plot("level").curve({x, x, x}));
    drawn(Plot("noise").histogram({x, next, x}, 4));
    drawn(Plot("noise").heat_map(1, 2, {x, next}));
    drawn(Plot("level").heat_map(1, 2, {x, x}));
    Plot given("given");
    given.x_axis = {.low = x, .high = next};
    drawn(given.curve({1, 2}));
    if (x < 0) continue;
    Plot log_plot("log");
    log_plot.y_axis.log = true;
    drawn(log_plot.curve({x, next, x}));
  }
  Plot plot("a line in the middle");
  plot.curve({0.6, std::nextafter(0.6, 1.0)}).scatter({0}, {0.6});
  const std::string svg = plot.svg();
  const double y = std::stod(svg.substr(svg.find(" cy=\"") + 5));
  CHECK((y > plot.height * 0.3 && y < plot.height * 0.7));
  CHECK(linear_ticks(1, 1 + 1e-10, 5).size() >= 4);  // small, but no rounding
}

TEST_CASE("ranges that are too large for one number, and ends that can be none") {
  const double most = 1.7e308;
  CHECK(texts(linear_ticks(-most, most, 4)) == "−10³⁰⁸ 0 10³⁰⁸");
  Plot heat("heat"), line("line"), log_plot("log"), given("given");
  const std::string cells = heat.heat_map(1, 2, {-most, most}).svg();
  CHECK(count(cells, "³⁰⁸<") >= 2);
  line.scatter({-most, 0, most}, {-most, 0, most});
  const std::string svg = line.svg();
  CHECK(count(svg, "<circle") == 3);
  CHECK(count(svg, "cx=\"100000\"") == 0);
  log_plot.x_axis.log = log_plot.y_axis.log = true;
  log_plot.x_axis.low = 0;  // of a logarithm: as if it were not given
  log_plot.line({5e-324, 1, most}, {5e-324, 1, most});
  CHECK(log_plot.svg().find("nan") == std::string::npos);
  given.y_axis = {.low = NAN, .high = INFINITY};
  CHECK(count(given.curve({1, 2}).svg(), ">1.6<") == 1);
}

TEST_CASE("text: width, clipping, and broken UTF-8") {
  CHECK(text_width("", 12) == 0);
  CHECK(text_width("mm", 10) == Approx(2 * text_width("m", 10)));
  CHECK(text_width("i", 10) < text_width("m", 10));
  CHECK(text_width("loss", 20) == Approx(2 * text_width("loss", 10)));
  CHECK(text_width("é⁻⁴", 10) > 0);
  CHECK(code_points("aé→\xff") == std::vector<int>{'a', 0xe9, 0x2192, '?'});
  CHECK(code_points("\xe2\x86") == std::vector<int>{'?', '?'});
  CHECK(fit_text("short", 10, 100) == "short");
  std::string cut = fit_text("Grünschnabel-Ärger", 10, 50);
  CHECK(cut.find("…") != std::string::npos);
  CHECK(text_width(cut, 10) <= 50);
  CHECK(text_outlines("o", 10).size() == 2);  // the ring and its hole
}

TEST_CASE("the rasteriser covers by exact area") {
  RasterCanvas canvas(8, 8, {.scale = 1});
  canvas.rectangle({1.5, 2.25, 3, 2}, Paint::of({0, 0, 0}));
  const Image& image = canvas.image();
  CHECK(image(3, 2) == 0);    // inside
  CHECK(image(3, 1) == 128);  // half a column: 127.5
  CHECK(image(2, 2) == 64);   // three quarters of a row: 63.75
  CHECK(image(4, 2) == 191);  // one quarter: 191.25
  CHECK(image(2, 1) == 159);  // 3/8: 159.4
  CHECK(image(0, 0) == 255);
  CHECK(image(3, 5) == 255);
}

TEST_CASE("a triangle covers half of its square; strokes do not darken where they overlap") {
  RasterCanvas canvas(64, 64, {.scale = 1});
  canvas.polygon({{0, 0}, {64, 0}, {0, 64}}, Paint::of({0, 0, 0}));
  double sum = 0;
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x) sum += 255 - canvas.image()(y, x);
  CHECK(sum / 255 == Approx(2048).epsilon(0.002));
  RasterCanvas strokes(64, 64, {.scale = 1});
  strokes.polyline({{8, 8}, {56, 56}, {8, 56}, {56, 8}}, Paint::of({0, 0, 0}, 0.5), 6, 0);
  int darkest = 255;
  for (int64_t i = 0; i < strokes.image().bytes(); ++i)
    darkest = std::min<int>(darkest, strokes.image().data()[i]);
  CHECK(darkest == 128);
  RasterCanvas far(8, 8, {.scale = 1});  // coordinates beyond the picture are cut, not written
  far.polyline({{-1e5, 4}, {1e5, 4}}, Paint::of({0, 0, 0}), 2, 0);
  CHECK(far.image()(4, 0) == 0);
  CHECK(far.image()(4, 7) == 0);
  CHECK(far.image()(0, 3) == 255);
}

TEST_CASE("clipping holds on both canvases") {
  RasterCanvas canvas(20, 20, {.scale = 1});
  canvas.clip({5, 5, 10, 10});
  canvas.rectangle({0, 0, 20, 20}, Paint::of({9, 9, 9}));
  canvas.unclip();
  CHECK(pixels_of(canvas.image(), {9, 9, 9}) == 100);
}

TEST_CASE("a plot says what it was given, in SVG") {
  Plot plot("Loss <&> more");
  plot.x_axis.label = "batch";
  plot.y_axis.label = "loss";
  plot.curve({3, 2, 1}, {.label = "train"}).scatter({0, 2}, {1, 3}, {.label = "valid"}).note(1, 2, "here");
  std::string svg = plot.svg();
  CHECK(count(svg, "Loss &lt;&amp;&gt; more") == 2);  // the title on the plot, and the one for screen readers
  CHECK(count(svg, ">batch<") == 1);
  CHECK(count(svg, ">train<") == 1);
  CHECK(count(svg, ">here<") == 1);
  CHECK(count(svg, "<circle") == 3);  // two points and the legend's
  CHECK(count(svg, "<svg") == count(svg, "</svg>"));
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.find("<style>") == std::string::npos);
  CHECK(plot.svg(SvgShade::automatic).find("prefers-color-scheme:dark") != std::string::npos);
  CHECK(plot.svg(SvgShade::dark).find("#0d1117") != std::string::npos);
}

// A text in an SVG: where its middle stands on the page, and how long it is.
struct Written {
  double at = 0, length = 0;
};
Written written(const std::string& svg, const std::string& start, bool upright = false) {
  const auto words = svg.find("\">" + start) + 1, element = svg.rfind("<text ", words);
  REQUIRE(element != std::string::npos);
  const auto value = [&](const std::string& name) {
    return std::stod(svg.substr(svg.find(name + "=\"", element) + name.size() + 2));
  };
  const std::string line = svg.substr(words + 1, svg.find('<', words + 1) - words - 1);
  return {value(upright ? " y" : " x"), text_width(line, value("font-size"))};
}

TEST_CASE("long titles and names stay on the page") {
  const std::string forty = "a name that has more words than fits here";
  Plot plot(forty + ", and then some");
  plot.width = 380, plot.height = 260;
  plot.x_axis.label = "x: " + forty + " and there";
  plot.y_axis.label = "y: " + forty;
  plot.curve({1234567, 2345678}, {.label = "1 " + forty}).curve({1, 2}, {.label = "2 " + forty + forty});
  const std::string svg = plot.svg();
  for (const char* start : {"a name", "x: a"}) {
    const Written text = written(svg, start);
    CHECK(text.at - text.length / 2 >= 0);
    CHECK(text.at + text.length / 2 <= plot.width);
  }
  const Written upright = written(svg, "y: a", true);
  CHECK(upright.at - upright.length / 2 >= 0);
  CHECK(upright.at + upright.length / 2 <= plot.height);
  for (const char* start : {"1 a", "2 a"}) {
    const Written text = written(svg, start);  // of the legend, which begins where it is written
    CHECK(text.at >= 0);
    CHECK(text.at + text.length <= plot.width);
  }
  // What is short stands in the middle of the axes, not of the page.
  Plot other("Loss");
  other.curve({1234567, 2345678});
  CHECK(written(other.svg(), "Loss").at > other.width / 2 + 5);
}

TEST_CASE("the legend stands where no line goes through, not only where no point is") {
  Plot plot("Two points");  // both outside of what is shown
  plot.x_axis = {.low = 0, .high = 1}, plot.y_axis = {.low = 0, .high = 1};
  plot.line({-1, 2}, {0.95, 0.95}, {.label = "nearly level"});
  const std::string svg = plot.svg();
  const auto at = svg.rfind(" y=\"", svg.find(">nearly level"));
  CHECK(std::stod(svg.substr(at + 4)) > plot.height / 2);
}

TEST_CASE("notes beside points make room for each other") {
  const Box area{0, 0, 200, 100};
  const auto places =
      place_notes({{50, 50}, {50, 50}, {52, 50}, {190, 20}}, {"one", "two", "three", "edge"}, 12, area);
  CHECK(places[0].align == Align::start);
  CHECK(places[0].at.y < 50);
  CHECK(places[1].align == Align::end);  // to the left: the right is taken
  CHECK(places[1].at.y < 50);
  CHECK(places[2].at.y > 50);            // below both
  CHECK(places[3].align == Align::end);  // it would leave the area
}

TEST_CASE("in a crowd notes move away and lie on no other") {
  std::vector<Point> points;
  std::vector<std::string> texts;
  for (int i = 0; i < 12; ++i) {
    points.push_back({180.0 + 9 * (i % 4), 140.0 + 8 * (i / 4)});
    texts.push_back("a film with a title, " + std::to_string(i));
  }
  const Box area{0, 0, 400, 300};
  const auto places = place_notes(points, texts, 11, area);
  std::vector<Box> boxes;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double width = text_width(texts[i], 11);
    boxes.push_back(
        {places[i].at.x - (places[i].align == Align::end ? width : 0), places[i].at.y - 8, width, 8});
  }
  int covered = 0;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    CHECK((boxes[i].x >= area.x && boxes[i].right() <= area.right()));
    for (std::size_t j = 0; j < i; ++j)
      covered += boxes[i].x < boxes[j].right() && boxes[j].x < boxes[i].right() &&
                 boxes[i].y < boxes[j].bottom() && boxes[j].y < boxes[i].bottom();
  }
  CHECK(covered == 0);
  CHECK(std::count_if(places.begin(), places.end(), [](const NotePlace& p) { return p.far; }) > 0);
}

TEST_CASE("notes and the legend keep off lines") {
  Obstacles line;
  for (double y = 0; y <= 100; y += 4) line.ink.push_back({70, y});  // to the right of the point
  const Box area{0, 0, 200, 100};
  CHECK(place_notes({{60, 50}}, {"note"}, 12, area)[0].align == Align::start);
  CHECK(place_notes({{60, 50}}, {"note"}, 12, area, line)[0].align == Align::end);
  const NotePlace free = place_notes({{60, 50}}, {"note"}, 12, area, {.boxes = {{0, 0, 60, 100}}})[0];
  CHECK(free.align == Align::start);

  const Box corner = emptiest_corner(40, 20, area, {{190, 10}, {20, 10}, {190, 80}});
  CHECK(corner.x == 10);  // only the lower left is empty
  CHECK(corner.y == 70);
}

TEST_CASE("values that are not finite break a line and harm nothing") {
  Plot plot("gaps");
  plot.curve({1, 2, NAN, 3, INFINITY, 5, 6});
  std::string svg = plot.svg();
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.find("inf") == std::string::npos);
  CHECK(count(svg, "<circle") == 1);  // the 3 stands alone between the gaps
  Plot nothing("nothing");
  nothing.curve({NAN, NAN}).curve({});
  CHECK_NOTHROW(nothing.draw());
  Plot log_plot("log");
  log_plot.x_axis.log = log_plot.y_axis.log = true;
  log_plot.line({0, 1, 10, -5}, {1, 0, 10, 3});
  CHECK(log_plot.svg().find("nan") == std::string::npos);
}

TEST_CASE("a plot drawn in pixels holds its colours, light and dark") {
  Plot plot("Loss");
  plot.curve({3, 2, 1}, {.width = 4});
  Image light = plot.draw({.scale = 1}), dark = plot.draw({.shade = Shade::dark, .scale = 1});
  CHECK(light.size() == Size{360, 560});
  CHECK(plot.draw().size() == Size{720, 1120});
  CHECK(pixels_of(light, kLightTheme[static_cast<int>(Ink::series_0)]) > 500);
  CHECK(pixels_of(dark, kDarkTheme[static_cast<int>(Ink::series_0)]) > 500);
  CHECK(pixels_of(light, {255, 255, 255}) > 150'000);
  CHECK(pixels_of(dark, {255, 255, 255}) == 0);
}

TEST_CASE("histogram counts, the last bin taking its end") {
  Plot plot("h");
  plot.histogram({0, 0.1, 0.9, 1, 2, 3, 4, NAN}, 4);
  CHECK(plot.series()[0].y == Values{3, 1, 1, 2});
  CHECK(plot.series()[0].x == Values{0.5, 1.5, 2.5, 3.5});
  CHECK(plot.series()[0].bar_width == 1);
  CHECK(refusal<minitorch::ValueError>([] { Plot("h").histogram({1}, 0); }) ==
        "[Plot::histogram] bins: expected at least 1, got 0 | ");
  CHECK_NOTHROW(Plot("h").histogram({}, 3).draw());
  CHECK_NOTHROW(Plot("h").histogram({5, 5}, 3).draw());
  for (const int bins : {1, 2, 7}) {  // a range that is no number
    const Plot wide = Plot("h").histogram({-1.7e308, 0, 1.7e308}, bins);
    const auto& bars = wide.series()[0];
    CHECK(std::accumulate(bars.y.begin(), bars.y.end(), 0.0) == 3);
    CHECK(bars.y.back() >= 1);
    for (double x : bars.x) CHECK(std::isfinite(x));
    CHECK_NOTHROW(wide.draw());
  }
  const Plot same = Plot("h").histogram({1e17, 1e17}, 3);
  CHECK(same.series()[0].y == Values{0, 2, 0});
}

TEST_CASE("confusion matrix: counts, and rows divided by their sums") {
  Plot plot = confusion_plot({"3", "7"}, {30, 10, 0, 0}, true);
  CHECK(plot.heat()->values == Values{0.75, 0.25, 0, 0});
  std::string svg = plot.svg();
  CHECK(count(svg, ">0.75<") == 1);
  CHECK(count(svg, ">Actual<") == 1);
  CHECK(count(svg, ">Predicted<") == 1);
  CHECK(count(confusion_plot({"3", "7"}, {30, 10, 0, 0}, false).svg(), ">30<") == 1);
  CHECK(refusal<minitorch::ShapeError>([] {
          confusion_plot({"a", "b"}, {1, 2, 3}, false);
        }) == "[confusion_plot] 3 counts for 2 classes: expected 2 x 2 | ");
}

TEST_CASE("series of unequal lengths are refused") {
  CHECK(refusal<minitorch::ShapeError>([] {
          Plot("p").line({1, 2}, {1});
        }) == "[Plot] 2 x values and 1 y values: a series needs as many of each | ");
  CHECK(refusal<minitorch::ShapeError>([] {
          Plot("p").bars({"a"}, {1, 2});
        }) == "[Plot::bars] 1 names for 2 values | ");
  CHECK(refusal<minitorch::ShapeError>([] { Plot("p").heat_map(2, 2, {1}); }) ==
        "[Plot::heat_map] 1 values for 2 x 2 cells | ");
}

TEST_CASE("colour maps run from end to end") {
  CHECK(map_color(ColorMap::grey, 0.5) == Rgb{128, 128, 128});
  CHECK(map_color(ColorMap::viridis, 0) == Rgb{68, 1, 84});
  CHECK(map_color(ColorMap::viridis, 7) == Rgb{253, 231, 37});
  CHECK(map_color(ColorMap::blues, NAN) == Rgb{247, 251, 255});
}

TEST_CASE("names that are not UTF-8 leave a drawing UTF-8") {
  const std::string latin1 = "Gr\xfcnspecht",
                    svg = confusion_plot({latin1, "\xef\xbf\xbe"}, {1, 0, 0, 1}, false).svg();
  CHECK(minitorch::is_utf8(svg));
  CHECK(count(svg, ">Gr\xef\xbf\xbdnspecht<") == 2);
  CHECK(count(svg, "\xef\xbf\xbe") == 0);  // U+FFFE is in no XML
  CHECK(escape_markup("é → \xf0\x9f\x98\x80 \xc3") == "é → \xf0\x9f\x98\x80 \xef\xbf\xbd");
}

TEST_CASE("a figure is saved by its ending") {
  TempFolder folder;
  Plot plot("saved");
  plot.curve({1, 3, 2});
  Figure figure{{plot, plot, plot}, 2};
  figure.save(folder / "f.png", {.scale = 1});
  CHECK(Image::open(folder / "f.png").size() == Size{720, 1120});
  figure.save(folder / "f.svg");
  auto svg = slurp(folder / "f.svg");
  CHECK(count({svg.begin(), svg.end()}, "saved") == 4);  // three titles and the one for screen readers
  CHECK(refusal<minitorch::ValueError>([&] { plot.save(folder / "f.pdf"); }) ==
        "[Plot::save] " + (folder / "f.pdf") + ": unknown ending | end the name in .svg or .png");
}

}  // namespace
}  // namespace fastcore
