// SPDX-License-Identifier: MIT
#include "fastcore/plot/notes.h"

#include <algorithm>
#include <cmath>

#include "fastcore/plot/font.h"

namespace fastcore {

namespace {

constexpr double kPoint = 3;  // half the width of a point
constexpr double kAside = 7, kAbove = 6;
constexpr int kRings = 4;                                                // how far away a text may go
constexpr int kOutside = 1000, kOnText = 100, kOnInk = 4, kFarther = 7;  // what makes a place bad

bool overlap(const Box& a, const Box& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

// The box of a text, with a little room around its letters.
Box box_of(const NotePlace& place, double width, double size) {
  return {(place.align == Align::end ? place.at.x - width : place.at.x) - 2, place.at.y - 0.9 * size,
          width + 4, 1.2 * size};
}

// Places around a point, the best first: beside it, and in rings of growing distance.
std::vector<NotePlace> places_around(const Point& p, double size) {
  std::vector<NotePlace> places;
  for (const double down : {-kAbove, kAbove + 0.7 * size, 0.35 * size})
    for (const double aside : {kAside, -kAside})
      places.push_back({{p.x + aside, p.y + down}, aside < 0 ? Align::end : Align::start});
  for (int ring = 1; ring < kRings; ++ring)
    for (const double up : {1., -1., 0.})
      for (const double aside : {kAside, -kAside, kAside + ring * size, -kAside - ring * size}) {
        if (up == 0 && std::abs(aside) == kAside) continue;  // that is beside it
        const Point at{p.x + aside, p.y - up * (kAbove + ring * 1.2 * size) + 0.35 * size};
        const Point near{at.x + (aside < 0 ? 2 : -2), at.y - 0.35 * size};
        places.push_back({at, aside < 0 ? Align::end : Align::start, true, near});
      }
  return places;
}

// How bad a place is for text `i`, the others being where they are.
int faults(std::size_t i, const NotePlace& place, const Box& text, const std::vector<Box>& texts,
           const std::vector<Point>& points, const Box& area, const Obstacles& obstacles) {
  int count =
      text.x < area.x || text.right() > area.right() || text.y < area.y || text.bottom() > area.bottom()
          ? kOutside
          : 0;
  for (std::size_t j = 0; j < texts.size(); ++j)
    if (j != i) count += kOnText * overlap(text, texts[j]);
  for (const Box& box : obstacles.boxes) count += kOnText * overlap(text, box);
  for (const Point& p : points)
    count += kOnInk * overlap(text, {p.x - kPoint, p.y - kPoint, 2 * kPoint, 2 * kPoint});
  for (const Point& p : obstacles.ink) count += kOnInk * overlap(text, {p.x, p.y, 0.1, 0.1});
  if (place.far) {  // the line that leads there should cross no text
    count += kFarther;
    const Point from = points[i];
    for (std::size_t j = 0; j < texts.size(); ++j)
      for (double t = 0.25; j != i && t < 1; t += 0.25) {
        const Point on{from.x + t * (place.near.x - from.x), from.y + t * (place.near.y - from.y)};
        count += kOnInk * overlap(texts[j], {on.x, on.y, 0.1, 0.1});
      }
  }
  return count;
}

}  // namespace

std::vector<NotePlace> place_notes(const std::vector<Point>& points, const std::vector<std::string>& texts,
                                   double size, const Box& area, const Obstacles& obstacles) {
  std::vector<NotePlace> places(texts.size());
  std::vector<Box> boxes;
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const double width = text_width(texts[i], size);
      if (round == 0) boxes.push_back({});
      int fewest = -1, distance = 0;
      Box best{};
      for (const NotePlace& place : places_around(points[i], size)) {
        const Box box = box_of(place, width, size);
        const int count =
            faults(i, place, box, boxes, points, area, obstacles) + (place.far ? distance++ / 10 : 0);
        if (fewest >= 0 && count >= fewest) continue;
        places[i] = place, best = box, fewest = count;
      }
      boxes[i] = best;
    }
  return places;
}

Box emptiest_corner(double width, double height, const Box& area, const std::vector<Point>& ink) {
  Box best{}, box{0, 0, width, height};
  long fewest = -1;
  for (bool low : {false, true})
    for (bool left : {false, true}) {
      box.x = left ? area.x + 10 : area.right() - width - 6;
      box.y = low ? area.bottom() - height - 10 : area.y + 6;
      const long hidden = std::count_if(ink.begin(), ink.end(), [&](const Point& p) {
        return p.x >= box.x && p.x <= box.right() && p.y >= box.y && p.y <= box.bottom();
      });
      if (fewest < 0 || hidden < fewest) best = box, fewest = hidden;
    }
  return best;
}

}  // namespace fastcore
