// SPDX-License-Identifier: MIT
// Where an augmented picture is read: turning, mirroring, zooming and tilting as maps of the plane. Any
// number of them multiply into one 3 x 3 matrix, so that a picture is resampled once however many there are.
// The random numbers come in as arguments: each function can be checked with a pencil.
#pragma once
#include <array>

#include "fastcore/image/image.h"

namespace fastcore {

/// A place on a picture: x to the right and y down, from -1 to 1.
struct Place {
  double x, y;
  bool operator==(const Place&) const = default;
};

/// A map of the plane in homogeneous coordinates: (x, y) goes to (X / W, Y / W), (X, Y, W) = m (x, y, 1).
/// It takes a place of the result to the place of the picture that is shown there.
struct PlaneMap {
  std::array<std::array<double, 3>, 3> m = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

  Place operator()(Place at) const;
  /// Whether W is 1 everywhere, so that parallel lines stay parallel.
  bool is_affine() const { return m[2] == std::array<double, 3>{0, 0, 1}; }
  bool operator==(const PlaneMap&) const = default;
};

/// The map that applies b, then a.
PlaneMap operator*(const PlaneMap& a, const PlaneMap& b);

/// The map back. @throws ValueError when the plane is folded into a line
PlaneMap inverse(const PlaneMap& map);

/// Mirrored left to right: [-1 0 0; 0 1 0].
PlaneMap flip_mat();
/// The 8 symmetries of a square, numbered as in fastai's Dihedral: 0 unchanged, 1 mirrored left to right, 2
/// top to bottom, 3 a quarter turn anticlockwise, 4 a half turn, 5 a quarter turn clockwise, 6 transposed, 7
/// transposed along the other diagonal. @throws ValueError unless 0 <= k <= 7
PlaneMap dihedral_mat(int k);
/// Turned clockwise: [cos sin 0; -sin cos 0].
PlaneMap rotate_mat(double degrees);
/// Magnified `zoom` times about a place given as shares of width and height, 0.5 and 0.5 being the middle:
/// s = 1 / zoom, [s 0 cx; 0 s cy] with cx = (1 - s)(2 col_pct - 1) and cy = (1 - s)(2 row_pct - 1).
/// @throws ValueError unless zoom > 0
PlaneMap zoom_mat(double zoom, double col_pct, double row_pct);
/// Seen from another side: the corners (-1, -1), (-1, 1), (1, -1), (1, 1) of the picture come to lie at
/// (-1 - y, -1 - x), (-1 + y, 1 + x), (1 + y, -1 + x), (1 - y, 1 - x). (0, 0) changes nothing.
/// @throws ValueError when three of those lie on a line
PlaneMap warp_map(double x, double y);

/// The map u = (a x + b y + c) / (g x + h y + 1), v = (d x + e y + f) / (g x + h y + 1) that takes each of
/// four places to another, from the 8 equations for a ... h. @throws ValueError when three places lie on a
/// line
PlaneMap perspective(const std::array<Place, 4>& from, const std::array<Place, 4>& to);

/// A map made for squares, for pictures of another shape: m[0][1] times h / w, m[1][0] times w / h, so that a
/// turned picture is not sheared.
PlaneMap for_shape(PlaneMap map, Size picture);

}  // namespace fastcore
