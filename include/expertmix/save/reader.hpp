#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "../base/error.hpp"
#include "members.hpp"
#include "numbers.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Reads what `Writer` wrote, in the same order. Throws `file_error` for anything else, and takes no more memory than
/// the text has characters for.
class Reader {
 public:
  static constexpr bool reads = true;

  Reader(std::string_view text, std::string path) : text_(text), path_(std::move(path)) {}

  template <class Value>
  void operator()(const char* name, Value& value) {
    name_ = name;
    ++line_;
    if (word() != name) refuse();
    get(value);
    if (text_.empty() || text_.front() != '\n') refuse();
    text_.remove_prefix(1);
  }

  /// A list whose elements are read one by one: it gets its size here.
  template <class List>
  void count(const char* name, List& list) {
    std::uint64_t size = 0;
    (*this)(name, size);
    if (size > text_.size()) refuse();
    list.resize(static_cast<std::size_t>(size));
  }

  /// Throws unless all was read.
  void finish() {
    name_ = "the end";
    ++line_;
    if (!text_.empty()) refuse();
  }

  [[noreturn]] void refuse() const {
    throw file_error(file_error::Fault::edited, "load",
                     path_ + " was edited: line " + std::to_string(line_) + " of its contents is not `" + name_ + "`");
  }

 private:
  /// Up to the next space or the line's end.
  std::string_view word() {
    const std::string_view out = text_.substr(0, text_.find_first_of(" \n"));
    text_.remove_prefix(out.size());
    return out;
  }
  std::string_view next() {
    if (text_.empty() || text_.front() != ' ') refuse();
    text_.remove_prefix(1);
    return word();
  }
  template <class Value>
  Value checked(std::optional<Value> value) const {
    if (!value) refuse();
    return *value;
  }

  /// A number of elements, for each of which there are two characters or more.
  uword size() {
    const uword out = checked(integer_of<uword>(next()));
    if (out > text_.size() / 2) refuse();
    return out;
  }

  void get(bool& value) {
    const std::string_view text = next();
    if (text != "0" && text != "1") refuse();
    value = text == "1";
  }
  void get(std::string& value) {
    if (text_.substr(0, 2) != " \"") refuse();
    text_.remove_prefix(2);
    value.clear();
    while (true) {
      const char c = character();
      if (c == '"') return;
      if (c == '\n') refuse();
      value += c == '\\' ? escaped() : c;
    }
  }
  char character() {
    if (text_.empty()) refuse();
    const char out = text_.front();
    text_.remove_prefix(1);
    return out;
  }
  char escaped() {
    const char c = character();
    if (c != '"' && c != '\\' && c != 'n') refuse();
    return c == 'n' ? '\n' : c;
  }
  void get(mat& value) {
    const uword rows = size(), columns = size();
    if (rows > 0 && columns > text_.size() / 2 / rows) refuse();
    value.set_size(rows, columns);
    for (double& number : value) get(number);
  }
  template <class Element>
  void get(arma::Col<Element>& value) {
    value.set_size(size());
    for (Element& element : value) get(element);
  }
  void get(std::vector<bool>& value) {
    value.resize(size());
    for (auto element : value) {
      bool flag = false;
      get(flag);
      element = flag;
    }
  }
  template <class Element>
  void get(std::vector<Element>& value) {
    value.resize(size());
    for (Element& element : value) get(element);
  }
  template <class Element>
  void get(std::map<std::string, Element>& value) {
    value.clear();
    for (uword left = size(); left > 0; --left) {
      std::string name;
      get(name);
      get(value[name]);
    }
  }
  template <class Value>
  void get(Value& value) {
    if constexpr (std::is_enum_v<Value>)
      value = static_cast<Value>(checked(integer_of<unsigned char>(next())));
    else if constexpr (std::is_floating_point_v<Value>)
      value = checked(number_of(next()));
    else if constexpr (std::is_integral_v<Value>)
      value = checked(integer_of<Value>(next()));
    else
      std::apply([this](auto&... member) { (this->get(member), ...); }, members(value));
  }

  std::string_view text_;
  std::string path_, name_;
  std::size_t line_ = 0;
};

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
