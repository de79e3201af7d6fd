// SPDX-License-Identifier: MIT
// Data that may not be bundled, written or drawn here instead. The same files on every machine.
#pragma once
#include <cstdint>
#include <string>

namespace datasets {

/// 1 to 999,999 in English words: 1234 is "one thousand two hundred thirty four".
std::string number_in_words(int64_t number);

/// @brief HUMAN_NUMBERS as it was: `train.txt` with 1 to 7999 and `valid.txt` with 8001 to 9999, one number a
/// line.
///
/// 9,998 lines; joined by " . " they are 63,095 tokens of 30 kinds.
/// @throws FileError when the folder cannot be written
void human_numbers(const std::string& folder);

/// How street_scenes draws.
struct StreetOptions {
  int count = 100;  ///< pictures; every fifth is for validation
  int width = 128, height = 96;
  uint64_t seed = 42;
};

/// @brief Street scenes in CamVid's layout: `images/*.png`, `labels/<stem>_P.png`, `codes.txt` (its 32),
/// `valid.txt`.
///
/// Drawn, not photographed: a road in perspective with kerbs, houses, trees, sky, vehicles and people that
/// hide each other, with shadows, haze and noise. A label's pixel is a row of codes.txt, exactly what was
/// drawn there.
/// @throws FileError when the folder cannot be written
void draw_street_scenes(const std::string& folder, const StreetOptions& options);
/// The same with the options as they stand: what `untar_data(urls::CAMVID_TINY)` falls back on.
void street_scenes(const std::string& folder);

}  // namespace datasets
