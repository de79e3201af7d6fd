// SPDX-License-Identifier: MIT
// Progress bars and the training table, drawn as fastprogress draws them:
//
//     Epoch 2/3 : |██████------------| 33.33% [100/300 00:04<00:08 0.4321]
//
// Bars appear on a terminal only; elsewhere (a pipe, a log) only the table's lines are written.
#pragma once
#include <cstdint>
#include <string>

#include "fastcore/basics/range.h"

namespace fastcore {

/// How a bar behaves; `total` -1 means that nobody knows how many items will come.
struct BarOptions {
  int64_t total = -1;
  int64_t initial = 0;  ///< items done before the bar begins: the forecast leaves them out
  bool display = true;  ///< draw at all
  bool leave = true;    ///< leave the finished bar on the screen
  std::string comment = "";
};

/// @brief A bar that is told how far it is. Ends (and cleans up) when it is destroyed.
class ProgressBar {
 public:
  explicit ProgressBar(BarOptions options, std::string prefix = "");
  ~ProgressBar() { finish(); }
  ProgressBar(ProgressBar&& other) noexcept;
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `done` items are done. Draws for the first five items, then about five times a second, and at the end.
  void update(int64_t done);
  /// Text behind the times, from the next drawing on: the running loss.
  void set_comment(const std::string& comment) { options_.comment = comment; }
  /// Items not known at the start can be told later.
  void set_total(int64_t total) { options_.total = total; }
  /// The loop is over, early or not.
  void finish();

 private:
  void draw(int64_t done);

  BarOptions options_;
  std::string prefix_;
  double start_ = 0, last_time_ = 0, expected_ = -1;
  int64_t last_drawn_ = 0, wait_for_ = 1;
  int longest_ = 0, length_ = 0;
  bool finished_ = false, started_ = false;
};

/// 33.33% [100/300 00:04<00:08 0.4321]: what stands behind a bar. `expected` < 0: no forecast yet, a "?".
std::string bar_text(int64_t done, int64_t total, double elapsed, double expected,
                     const std::string& comment);

namespace detail {
/// Walks a range and tells a bar. What the range yields is passed on as it is.
template <class Range>
class WithBar {
 public:
  WithBar(Range range, BarOptions options, std::string prefix)
      : range_(std::forward<Range>(range)), bar_(with_total(range_, options), std::move(prefix)) {}

  struct End {};
  class Iterator {
   public:
    Iterator(WithBar& owner) : owner_(owner), at_(owner.range_.begin()) {}
    decltype(auto) operator*() { return *at_; }
    void operator++() {
      ++at_;
      owner_.bar_.update(++done_);
    }
    bool operator!=(End) {
      if (at_ != owner_.range_.end()) return true;
      owner_.bar_.finish();
      return false;
    }

   private:
    WithBar& owner_;
    decltype(std::declval<std::remove_reference_t<Range>&>().begin()) at_;
    int64_t done_ = 0;
  };
  Iterator begin() {
    bar_.update(0);
    return Iterator(*this);
  }
  End end() { return {}; }
  /// The bar itself, for a comment inside the loop.
  ProgressBar& bar() { return bar_; }

 private:
  static BarOptions with_total(const std::remove_reference_t<Range>& range, BarOptions options) {
    if constexpr (requires { range.size(); })
      if (options.total < 0) options.total = static_cast<int64_t>(range.size());
    return options;
  }
  Range range_;
  ProgressBar bar_;
};
}  // namespace detail

/// @brief `for (auto x : progress_bar(items))`: the items, with a bar.
template <class Range>
auto progress_bar(Range&& range, BarOptions options = {}) {
  return detail::WithBar<Range>(std::forward<Range>(range), std::move(options), "");
}

/// @brief The table that training prints: the first row is the header.
///
///     epoch     train_loss  valid_loss  accuracy  time
///     0         0.395976    0.694728    0.500000  00:01
class Table {
 public:
  /// One row as text. Names are padded to 8 columns and joined by 2 spaces; cells are padded to their column
  /// and 2.
  /// @throws ShapeError when a row has not as many cells as the header
  std::string row(const L<std::string>& cells);

 private:
  L<std::string> names_;
};

/// @brief The bar around epochs: rows of the table are written through it, and bars inside it say "Epoch 2/3
/// :".
class MasterBar {
 public:
  struct Options {
    int64_t total = 0;
    bool total_time = false;  ///< print "Total time: 00:12" at the end
  };
  explicit MasterBar(Options options);
  ~MasterBar() { finish(); }
  MasterBar(const MasterBar&) = delete;
  MasterBar& operator=(const MasterBar&) = delete;

  /// `done` epochs are done.
  void update(int64_t done) { done_ = done; }
  /// A bar for the batches of the epoch at hand; it vanishes when it is full.
  template <class Range>
  auto child(Range&& range, BarOptions options = {}) {
    options.leave = false;
    return detail::WithBar<Range>(std::forward<Range>(range), std::move(options), prefix());
  }
  ProgressBar child_bar(int64_t total);
  /// A row of the table; the first is the header.
  void write_row(const L<std::string>& cells);
  /// A line of its own.
  void write(const std::string& line);
  void finish();

 private:
  std::string prefix() const;
  Options options_;
  Table table_;
  double start_;
  int64_t done_ = 0;
  bool finished_ = false;
};

}  // namespace fastcore
