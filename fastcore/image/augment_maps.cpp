// SPDX-License-Identifier: MIT
#include "fastcore/image/augment_maps.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "minitorch/core/errors.h"

namespace fastcore {
using minitorch::format;
using minitorch::ValueError;

Place PlaneMap::operator()(Place at) const {
  double to[3];
  for (int i = 0; i < 3; ++i) to[i] = m[i][0] * at.x + m[i][1] * at.y + m[i][2];
  return {to[0] / to[2], to[1] / to[2]};
}

PlaneMap operator*(const PlaneMap& a, const PlaneMap& b) {
  PlaneMap product;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      product.m[i][j] = a.m[i][0] * b.m[0][j] + a.m[i][1] * b.m[1][j] + a.m[i][2] * b.m[2][j];
  return product;
}

namespace {

double determinant(const PlaneMap& map) {
  const auto& m = map.m;
  double sum = 0;
  for (int j = 0; j < 3; ++j)
    sum += m[0][j] * (m[1][(j + 1) % 3] * m[2][(j + 2) % 3] - m[1][(j + 2) % 3] * m[2][(j + 1) % 3]);
  return sum;
}

// Below this the plane is folded into a line, but for rounding.
constexpr double kFolded = 1e-9;

[[noreturn]] void throw_on_a_line() {
  throw ValueError("[perspective] three of the four corners lie on a line: no map has that as its result",
                   "warp less: magnitudes below 0.5");
}

}  // namespace

// The adjugate divided by the determinant; then scaled so that an affine map's last row is again 0 0 1.
PlaneMap inverse(const PlaneMap& map) {
  const auto& m = map.m;
  PlaneMap back;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      back.m[j][i] = m[(i + 1) % 3][(j + 1) % 3] * m[(i + 2) % 3][(j + 2) % 3] -
                     m[(i + 1) % 3][(j + 2) % 3] * m[(i + 2) % 3][(j + 1) % 3];
  const double det = determinant(map);
  if (!(std::fabs(det) > kFolded))
    throw ValueError(format("[inverse] a map of determinant %g has no inverse", det),
                     "a zoom or a warp this strong leaves nothing of the picture");
  const double scale = map.is_affine() ? back.m[2][2] : det;
  for (auto& row : back.m)
    for (double& value : row) value /= scale;
  return back;
}

PlaneMap flip_mat() { return {{{{-1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}}; }

PlaneMap dihedral_mat(int k) {
  static constexpr int kRows[8][4] = {{1, 0, 0, 1},   {-1, 0, 0, 1}, {1, 0, 0, -1}, {0, -1, 1, 0},
                                      {-1, 0, 0, -1}, {0, 1, -1, 0}, {0, 1, 1, 0},  {0, -1, -1, 0}};
  if (k < 0 || k > 7) throw ValueError(format("[dihedral_mat] k is %d: expected 0 to 7", k));
  const auto& r = kRows[k];
  return {{{{double(r[0]), double(r[1]), 0}, {double(r[2]), double(r[3]), 0}, {0, 0, 1}}}};
}

PlaneMap rotate_mat(double degrees) {
  const double angle = degrees * std::numbers::pi / 180, c = std::cos(angle), s = std::sin(angle);
  return {{{{c, s, 0}, {-s, c, 0}, {0, 0, 1}}}};
}

PlaneMap zoom_mat(double zoom, double col_pct, double row_pct) {
  if (!(zoom > 0)) throw ValueError(format("[zoom_mat] a zoom of %g: expected a number above 0", zoom));
  const double s = 1 / zoom;
  return {{{{s, 0, (1 - s) * (2 * col_pct - 1)}, {0, s, (1 - s) * (2 * row_pct - 1)}, {0, 0, 1}}}};
}

// Gauss's elimination with the largest pivot; row i is [coefficients | right side].
PlaneMap perspective(const std::array<Place, 4>& from, const std::array<Place, 4>& to) {
  double a[8][9];
  for (int i = 0; i < 4; ++i) {
    const auto [x, y] = from[i];
    const auto [u, v] = to[i];
    const double rows[2][9] = {{x, y, 1, 0, 0, 0, -u * x, -u * y, u}, {0, 0, 0, x, y, 1, -v * x, -v * y, v}};
    for (int j = 0; j < 9; ++j) a[2 * i][j] = rows[0][j], a[2 * i + 1][j] = rows[1][j];
  }
  for (int k = 0; k < 8; ++k) {
    int pivot = k;
    for (int i = k + 1; i < 8; ++i)
      if (std::fabs(a[i][k]) > std::fabs(a[pivot][k])) pivot = i;
    if (!(std::fabs(a[pivot][k]) > kFolded)) throw_on_a_line();
    std::swap(a[k], a[pivot]);
    for (int i = 0; i < 8; ++i) {
      if (i == k) continue;
      const double factor = a[i][k] / a[k][k];
      for (int j = k; j < 9; ++j) a[i][j] -= factor * a[k][j];
    }
  }
  PlaneMap map;
  for (int k = 0; k < 8; ++k) map.m[k / 3][k % 3] = a[k][8] / a[k][k];
  if (!(std::fabs(determinant(map)) > kFolded)) throw_on_a_line();
  return map;
}

PlaneMap warp_map(double x, double y) {
  const std::array<Place, 4> corners = {{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}}};
  const std::array<Place, 4> seen_at = {{{-1 - y, -1 - x}, {-1 + y, 1 + x}, {1 + y, -1 + x}, {1 - y, 1 - x}}};
  if (x == 0 && y == 0) return {};
  return perspective(seen_at, corners);
}

PlaneMap for_shape(PlaneMap map, Size picture) {
  map.m[0][1] *= double(picture.height) / picture.width;
  map.m[1][0] *= double(picture.width) / picture.height;
  return map;
}

}  // namespace fastcore
