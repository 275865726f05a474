#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

constexpr const char* hexadecimal_digits = "0123456789abcdef";

/// The last `count` hexadecimal digits of an integer.
inline std::string hexadecimal(std::uint64_t value, int count) {
  std::string out(static_cast<std::size_t>(count), '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit, value >>= 4) *digit = hexadecimal_digits[value & 15];
  return out;
}

/// A number with all its bits, in any locale: 0x1.8p-1 is 1.5 / 2, as C's %a has it; inf, -inf and nan.
inline std::string text_of(double value) {
  if (std::isnan(value)) return "nan";
  const std::string sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return sign + "inf";
  if (value == 0.0) return sign + "0x0p+0";
  int exponent = 0;
  const double leading = std::ldexp(std::frexp(std::abs(value), &exponent), 53);
  std::string fraction = hexadecimal(static_cast<std::uint64_t>(leading), 13);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) fraction.insert(0, 1, '.');
  exponent -= 1;
  return sign + "0x1" + fraction + (exponent < 0 ? "p-" : "p+") + std::to_string(std::abs(exponent));
}

/// An integer of digits in base 10 or 16 and nothing else.
template <class Integer>
std::optional<Integer> integer_of(std::string_view text, int base = 10) {
  Integer out{};
  const char *begin = text.data(), *end = begin + text.size();
  const auto [last, failure] = std::from_chars(begin, end, out, base);
  if (failure != std::errc() || last != end) return {};
  return out;
}

/// The size of a number 1.fpe, f up to 13 hexadecimal digits.
inline std::optional<double> size_of(std::string_view text) {
  const std::size_t p = text.find('p');
  if (text.substr(0, 3) != "0x1" || p == std::string_view::npos || p + 2 >= text.size()) return {};
  std::string digits(text.substr(3, p - 3));
  if (!digits.empty() && digits.front() == '.') digits.erase(0, 1);
  if (digits.size() > 13) return {};
  digits.insert(0, 1, '1').append(14 - digits.size(), '0');
  const auto leading = integer_of<std::uint64_t>(digits, 16);
  const auto exponent = integer_of<int>(text.substr(p + 2));
  if (!leading || !exponent || *exponent > 2000) return {};
  const int power = (text[p + 1] == '-' ? -*exponent : *exponent) - 52;
  return std::ldexp(static_cast<double>(*leading), power);
}

/// The number that `text_of` wrote; none where it did not write this.
inline std::optional<double> number_of(std::string_view text) {
  if (text == "nan") return arma::datum::nan;
  if (text == "inf") return arma::datum::inf;
  if (text == "-inf") return -arma::datum::inf;
  const bool negative = !text.empty() && text.front() == '-';
  std::string_view magnitude = text.substr(negative);
  std::optional<double> value = 0.0;
  if (magnitude != "0x0p+0") value = size_of(magnitude);
  if (!value) return {};
  if (negative) value = -*value;
  if (text_of(*value) != text) return {};
  return value;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
