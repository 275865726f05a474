#pragma once

#include <map>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "members.hpp"
#include "numbers.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Writes named values, a line each: the name, then sizes and numbers, with spaces between them.
class Writer {
 public:
  static constexpr bool reads = false;

  const std::string& text() const { return text_; }

  template <class Value>
  void operator()(const char* name, Value& value) {
    text_ += name;
    put(value);
    text_ += '\n';
  }

  /// A list whose elements are written one by one.
  template <class List>
  void count(const char* name, List& list) {
    std::uint64_t size = list.size();
    (*this)(name, size);
  }

 private:
  void add(const std::string& word) { text_ += ' ' + word; }
  void quote(const std::string& value) {
    std::string quoted = "\"";
    for (char c : value) {
      if (c == '"' || c == '\\' || c == '\n') quoted += '\\';
      quoted += c == '\n' ? 'n' : c;
    }
    add(quoted + '"');
  }

  void put(std::string& value) { quote(value); }
  void put(mat& value) {
    add(std::to_string(value.n_rows));
    add(std::to_string(value.n_cols));
    for (double number : value) add(text_of(number));
  }
  template <class Element>
  void put(arma::Col<Element>& value) {
    add(std::to_string(value.n_elem));
    for (Element& element : value) put(element);
  }
  void put(std::vector<bool>& value) {
    add(std::to_string(value.size()));
    for (bool element : value) put(element);
  }
  template <class Element>
  void put(std::vector<Element>& value) {
    add(std::to_string(value.size()));
    for (Element& element : value) put(element);
  }
  template <class Element>
  void put(std::map<std::string, Element>& value) {
    add(std::to_string(value.size()));
    for (auto& [name, element] : value) {
      quote(name);
      put(element);
    }
  }
  template <class Value>
  void put(Value& value) {
    if constexpr (std::is_enum_v<Value>)
      add(std::to_string(static_cast<unsigned>(value)));
    else if constexpr (std::is_floating_point_v<Value>)
      add(text_of(value));
    else if constexpr (std::is_integral_v<Value>)
      add(std::to_string(value));
    else
      std::apply([this](auto&... member) { (this->put(member), ...); }, members(value));
  }

  std::string text_;
};

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
