// SPDX-License-Identifier: MIT
// Dates as numbers that a model can use: year, month, day of the week, days since ...
#pragma once
#include <optional>
#include <string>

#include "fastcore/frame/data_frame.h"

namespace fastcore {

/// A day of the Gregorian calendar.
struct Date {
  int64_t year = 1970;
  int month = 1, day = 1;

  /// Days since 1970-01-01; negative before.
  int64_t days() const;
  static Date from_days(int64_t days);
  /// 0 is Monday.
  int dayofweek() const;
  /// 1 is the 1st of January.
  int dayofyear() const;
  /// ISO 8601: week 1 has the year's first Thursday.
  int week() const;
  int days_in_month() const;
  int quarter() const { return (month + 2) / 3; }
};
/// 2011-12-31, 2011/12/31, 12/31/2011 or 20111231, a time of day behind it being ignored; none for other
/// texts and days that no calendar has.
std::optional<Date> parse_date(const std::string& text);

struct DatepartOptions {
  bool drop = true;         ///< leave the column itself out
  std::string prefix = {};  ///< of the new columns' names; by default the column's name without "date"
  bool time = false;        ///< Hour, Minute and Second too
};
/// @brief A column of dates as columns of numbers: Year Month Week Day Dayofweek Dayofyear Is_month_end
/// Is_month_start Is_quarter_end Is_quarter_start Is_year_end Is_year_start Elapsed (seconds since 1970,
/// the time of day included, where one stands behind the date: 23:59, 23:59:59.5, T23:59Z, 11:59 PM,
/// 23:59+01:00). Missing dates give missing numbers, and false. @throws ValueError naming the row of a text
/// that is no date
DataFrame add_datepart(const DataFrame& frame, const std::string& column,
                       const DatepartOptions& options = {});

}  // namespace fastcore
