// SPDX-License-Identifier: MIT
// Shares of the items, as splitters take them. Used by the splitters only.
#pragma once
#include <string>

namespace fastcore::detail {

/// @throws ValueError "[RandomSplitter] valid_pct 1.3: ..." unless a share, and where there are two also both
/// together, is in [0, 1]
void check_shares(const char* where, const std::string& a, double share, const std::string& b = "",
                  double other = 0);

}  // namespace fastcore::detail
