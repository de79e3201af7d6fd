// SPDX-License-Identifier: MIT
#include "fastcore/frame/dates.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "fastcore/frame/column.h"

namespace fastcore {
using minitorch::ValueError;

namespace {
bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
}  // namespace

int Date::days_in_month() const {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && is_leap(year));
}

// Counted in eras of 400 years of 146,097 days that begin in March, so that the leap day comes last
// (Howard Hinnant, chrono-compatible low-level date algorithms).
int64_t Date::days() const {
  const int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
  const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

Date Date::from_days(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097, doe = days - era * 146097;
  const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  return {yoe + era * 400 + (month <= 2), month, static_cast<int>(doy - (153 * mp + 2) / 5 + 1)};
}

int Date::dayofweek() const {
  const int64_t since_monday = (days() + 3) % 7;
  return static_cast<int>(since_monday < 0 ? since_monday + 7 : since_monday);
}
int Date::dayofyear() const { return static_cast<int>(days() - Date{year, 1, 1}.days() + 1); }
int Date::week() const {
  const int64_t thursday = days() - dayofweek() + 3;
  return (from_days(thursday).dayofyear() - 1) / 7 + 1;
}

std::optional<Date> parse_date(const std::string& text) {
  std::vector<int64_t> numbers;
  std::vector<std::size_t> digits;
  for (std::size_t i = 0; i < text.size() && numbers.size() < 3;) {
    if (!std::isdigit(static_cast<unsigned char>(text[i]))) return {};
    const std::size_t begin = i;
    int64_t number = 0;
    while (i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) && i - begin < 9)
      number = number * 10 + (text[i++] - '0');
    numbers.push_back(number);
    digits.push_back(i - begin);
    if (numbers.size() == 1 && digits[0] == 8) {  // 20111231
      numbers = {number / 10000, number / 100 % 100, number % 100};
      digits = {4, 2, 2};
    }
    if (numbers.size() < 3 && (i >= text.size() || (text[i] != '-' && text[i] != '/'))) return {};
    if (numbers.size() == 3 && i < text.size() && text[i] != ' ' && text[i] != 'T') return {};
    ++i;
  }
  if (numbers.size() < 3) return {};
  const bool year_first = digits[0] == 4;
  if (!year_first && digits[2] != 4) return {};
  const int64_t year = numbers[year_first ? 0 : 2], month = numbers[year_first ? 1 : 0];
  const int64_t day = numbers[year_first ? 2 : 1];
  if (month < 1 || month > 12 || day < 1) return {};
  const Date date{year, static_cast<int>(month), static_cast<int>(day)};
  if (day > date.days_in_month()) return {};
  return date;
}

namespace {

std::string default_prefix(const std::string& name) {
  const std::size_t at = name.size() - 4;
  if (name.size() < 4) return name;
  std::string end = name.substr(at);
  end[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(end[0])));
  return end == "date" ? name.substr(0, at) : name;
}

struct Moment : Date {
  int64_t hour = 0, minute = 0, second = 0, ahead = 0;  // ahead: seconds between its clock and that of UTC
  int64_t elapsed() const { return ((days() * 24 + hour) * 60 + minute) * 60 + second - ahead; }
};

// What stands behind a date, as it may: nothing, 0:00, T12:30:05.25Z, 12:30+02:00, 3:04 PM.
bool parse_clock(const std::string& text, Moment& to) {
  std::size_t i = 0;
  const auto at = [&](std::size_t where) { return where < text.size() ? text[where] : '\0'; };
  const auto is_digit = [&] { return std::isdigit(static_cast<unsigned char>(at(i))) != 0; };
  const auto lower = [&](std::size_t where) { return std::tolower(static_cast<unsigned char>(at(where))); };
  const auto skip_spaces = [&] {
    while (at(i) == ' ') ++i;
  };
  const auto number = [&](int64_t& value, int64_t below) {  // of one digit or two
    if (!is_digit()) return false;
    value = at(i++) - '0';
    if (is_digit()) value = value * 10 + at(i++) - '0';
    return value < below;
  };
  if (at(i) == 'T') ++i;
  skip_spaces();
  if (i == text.size()) return true;
  if (!number(to.hour, 24)) return false;
  for (int64_t* part : {&to.minute, &to.second}) {
    if (at(i) == ':') ++i;
    else if (!is_digit()) break;
    if (!number(*part, 60)) return false;
  }
  if (at(i) == '.')
    for (++i; is_digit();) ++i;
  skip_spaces();
  if ((lower(i) == 'a' || lower(i) == 'p') && lower(i + 1) == 'm') {
    if (to.hour < 1 || to.hour > 12) return false;
    to.hour = to.hour % 12 + (lower(i) == 'p' ? 12 : 0);
    i += 2;
  } else if (at(i) == 'Z') {
    ++i;
  } else if (at(i) == '+' || at(i) == '-') {
    const int64_t sign = at(i++) == '+' ? 1 : -1;
    int64_t hours = 0, minutes = 0;
    if (!number(hours, 24)) return false;
    if (at(i) == ':') ++i;
    if (is_digit() && !number(minutes, 60)) return false;
    to.ahead = sign * (hours * 60 + minutes) * 60;
  }
  skip_spaces();
  return i == text.size();
}

std::optional<Moment> parse_moment(const std::string& text) {
  const auto date = parse_date(text);
  Moment moment;
  if (!date || !parse_clock(text.substr(std::min(text.find_first_of(" T"), text.size())), moment)) return {};
  static_cast<Date&>(moment) = *date;
  return moment;
}

std::vector<std::optional<Moment>> moments_of(const Series& column) {
  std::vector<std::optional<Moment>> dates;
  for (int64_t row = 0; row < column.size(); ++row) {
    const Cell cell = column[row];
    dates.push_back(cell.is_missing() ? std::nullopt : parse_moment(cell.text()));
    if (!cell.is_missing() && !dates.back())
      throw ValueError("[add_datepart] column '" + column.name() + "', row " + std::to_string(row) + ": " +
                           cell.repr() + " is not a date",
                       "dates look like 2011-12-31, 12/31/2011 or 2011-12-31 23:59:00");
  }
  return dates;
}

}  // namespace

DataFrame add_datepart(const DataFrame& frame, const std::string& column, const DatepartOptions& options) {
  const std::vector<std::optional<Moment>> dates = moments_of(frame[column]);
  const std::string prefix = options.prefix.empty() ? default_prefix(column) : options.prefix;
  DataFrame result = options.drop ? frame.drop({column}) : frame;
  if (result.columns().empty()) result = DataFrame();
  const auto number = [&](const char* name, auto part) {
    std::vector<Cell> values;
    for (const auto& date : dates) values.push_back(date ? Cell(static_cast<int64_t>(part(*date))) : Cell());
    result.set(prefix + name, Series(values));
  };
  const auto truth = [&](const char* name, auto part) {
    std::vector<bool> values;
    for (const auto& date : dates) values.push_back(date && part(*date));
    result.set(prefix + name, Series(values));
  };
  const auto ends_month = [](const Date& d) { return d.day == d.days_in_month(); };
  number("Year", [](const Date& d) { return d.year; });
  number("Month", [](const Date& d) { return d.month; });
  number("Week", [](const Date& d) { return d.week(); });
  number("Day", [](const Date& d) { return d.day; });
  number("Dayofweek", [](const Date& d) { return d.dayofweek(); });
  number("Dayofyear", [](const Date& d) { return d.dayofyear(); });
  truth("Is_month_end", ends_month);
  truth("Is_month_start", [](const Date& d) { return d.day == 1; });
  truth("Is_quarter_end", [&](const Date& d) { return d.month % 3 == 0 && ends_month(d); });
  truth("Is_quarter_start", [](const Date& d) { return d.month % 3 == 1 && d.day == 1; });
  truth("Is_year_end", [](const Date& d) { return d.month == 12 && d.day == 31; });
  truth("Is_year_start", [](const Date& d) { return d.month == 1 && d.day == 1; });
  if (options.time) {
    number("Hour", [](const Moment& m) { return m.hour; });
    number("Minute", [](const Moment& m) { return m.minute; });
    number("Second", [](const Moment& m) { return m.second; });
  }
  number("Elapsed", [](const Moment& m) { return m.elapsed(); });
  return result;
}

}  // namespace fastcore
