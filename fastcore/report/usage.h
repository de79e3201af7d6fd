// SPDX-License-Identifier: MIT
// What a program says of a command line that it does not understand: the course's shape of an error.
#pragma once
#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace fastcore {

/// Tells what was not understood and the nearest word that would have been, else `hint`: how to list them
/// all. Prints the help or the version when that was asked for. @returns the exit code
int refuse_usage(const CLI::App& app, const CLI::ParseError& error, const std::string& hint);

}  // namespace fastcore
