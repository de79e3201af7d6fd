// SPDX-License-Identifier: MIT
#include "fastcore/plot/plot_labels.h"

#include <algorithm>

#include "fastcore/plot/font.h"

namespace fastcore {
namespace {

constexpr double kTitleSize = 14, kLabelSize = 12, kEdge = 8;

// Where the middle of a text that long has to be so that it stands within [from, to], as near to `wanted` as
// it can.
double middle_within(double wanted, double length, double from, double to) {
  return std::clamp(wanted, std::min(from + length / 2, (from + to) / 2),
                    std::max(to - length / 2, (from + to) / 2));
}

}  // namespace

void draw_labels(const Plot& plot, const Box& box, const Box& area, Canvas& canvas) {
  const Paint text{.ink = Ink::text};
  const auto across = [&](const std::string& words, double size, double y) {
    const std::string line = fit_text(words, size, box.width - 2 * kEdge);
    const double x =
        middle_within(area.x + area.width / 2, text_width(line, size), box.x + kEdge, box.right() - kEdge);
    canvas.text({x, y}, line, {size, text, Align::middle});
  };
  across(plot.title, kTitleSize, box.y + 22);
  across(plot.x_axis.label, kLabelSize, box.bottom() - 11);
  const std::string line = fit_text(plot.y_axis.label, kLabelSize, box.height - 2 * kEdge);
  const double y = middle_within(area.y + area.height / 2, text_width(line, kLabelSize), box.y + kEdge,
                                 box.bottom() - kEdge);
  canvas.text({box.x + 18.8, y}, line, {kLabelSize, text, Align::middle, true});
}

}  // namespace fastcore
