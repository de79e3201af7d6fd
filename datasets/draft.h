// SPDX-License-Identifier: MIT
// What is not whole yet: a folder that is being unpacked beside its place, and what a kill leaves of such
// work.
#pragma once
#include <string>
#include <vector>

#include "datasets/home.h"
#include "datasets/table.h"

namespace datasets {

/// The folder in which what will be `target` is made: data/.unpacking-birds-4711, with our process number.
std::string draft_of(const std::string& target);

/// @brief What killed processes left of a data set: drafts, files half written, a copied archive.
///
/// Not a .part file that a download can go on with. Only who holds the set's lock may remove them: they may
/// be another process's work.
std::vector<std::string> leftovers(const Dataset& set, const Home& home);

/// Removes them; we hold the lock.
void sweep(const Dataset& set, const Home& home);

/// Removes them if nobody is at work on the set; what cannot be removed here stays.
void sweep_if_free(const Dataset& set, const Home& home);

}  // namespace datasets
