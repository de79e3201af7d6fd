// SPDX-License-Identifier: MIT
// The report of a lesson in the browser, which changes there whenever it changes here.
#pragma once
#include <memory>
#include <string>

namespace watch {

/// Serves one folder on 127.0.0.1, to programs of this machine only, from a thread of its own.
///
///     /             a page that holds the report, asks twice a second how things stand, and shows it
///     /state        {"version", "state", "bad", "messages"} as JSON
///     /report.html  and the other files of the folder
class Page {
 public:
  /// Port 0 takes one that is free; any other, or one of the nine after it.
  /// @throws minitorch::ValueError when all of them are taken
  Page(const std::string& title, const std::string& folder, int port);
  ~Page();
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  int port() const;
  enum class Tone { fine, bad };
  /// What is going on, in a word or two ("building", "done"), and at length: what a compiler says.
  void say(const std::string& state, Tone tone = Tone::fine, const std::string& messages = "");
  /// The report is a new one: browsers load it.
  void renew();

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace watch
