#pragma once

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>
#include <vector>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// A number with so many significant digits; what is not known is NA.
inline std::string shown(double value, int digits = 5) {
  if (std::isnan(value)) return "NA";
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << std::setprecision(digits) << value;
  return out.str();
}

/// "1, 2 and 4 more"
inline std::string listed(const std::vector<std::string>& words, std::size_t most = 5) {
  std::string out;
  for (std::size_t i = 0; i < std::min(words.size(), most); ++i) out += (i ? ", " : "") + words[i];
  if (words.size() > most) out += " and " + std::to_string(words.size() - most) + " more";
  return out;
}

/// Numbers from 0 as R's, from 1.
inline std::string listed(const std::vector<uword>& numbers) {
  std::vector<std::string> words;
  words.reserve(numbers.size());
  for (uword number : numbers) words.push_back(std::to_string(number + 1));
  return listed(words);
}

/// "expert 2", "experts 2, 3"
inline std::string experts_named(const std::vector<uword>& numbers) {
  return (numbers.size() == 1 ? "expert " : "experts ") + listed(numbers);
}

/// Rows of words under a heading, the first column to the left, the others to the right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> heading) : rows_{std::move(heading)} {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  std::string text() const {
    std::string out;
    for (const auto& row : rows_) {
      for (std::size_t j = 0; j < row.size(); ++j) {
        const std::string gap(width(j) - characters(row[j]), ' ');
        out += j == 0 ? row[j] + gap : "  " + gap + row[j];
      }
      out.erase(out.find_last_not_of(' ') + 1);
      out += '\n';
    }
    return out;
  }

 private:
  /// Of UTF-8.
  static std::size_t characters(const std::string& word) {
    return static_cast<std::size_t>(
        std::count_if(word.begin(), word.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  }
  std::size_t width(std::size_t column) const {
    std::size_t out = 0;
    for (const auto& row : rows_)
      if (column < row.size()) out = std::max(out, characters(row[column]));
    return out;
  }

  std::vector<std::vector<std::string>> rows_;
};

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
