// SPDX-License-Identifier: MIT
#include "fastcore/plot/notes.h"

#include "fastcore/plot/font.h"

namespace fastcore {

namespace {

bool overlap(const Box& a, const Box& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

int faults(const Box& text, const std::vector<Box>& texts, const std::vector<Point>& points,
           const Box& area) {
  int count = text.x < area.x || text.right() > area.right() ? 100 : 0;
  for (const Box& other : texts) count += 10 * overlap(text, other);
  for (const Point& p : points) count += overlap(text, {p.x - 3, p.y - 3, 6, 6});
  return count;
}

}  // namespace

std::vector<NotePlace> place_notes(const std::vector<Point>& points, const std::vector<std::string>& texts,
                                   double size, const Box& area) {
  constexpr double kAside = 7, kAbove = 6;
  std::vector<NotePlace> places;
  std::vector<Box> taken;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const double width = text_width(texts[i], size);
    int fewest = -1;
    for (const double down : {-kAbove, kAbove + 0.7 * size, 0.35 * size})
      for (const bool left : {false, true}) {
        const Point at{points[i].x + (left ? -kAside : kAside), points[i].y + down};
        const Box box{left ? at.x - width : at.x, at.y - 0.8 * size, width, size};
        const int count = faults(box, taken, points, area);
        if (fewest >= 0 && count >= fewest) continue;
        const NotePlace place{at, left ? Align::end : Align::start};
        if (fewest < 0) places.push_back(place), taken.push_back(box);
        places.back() = place, taken.back() = box, fewest = count;
      }
  }
  return places;
}

}  // namespace fastcore
