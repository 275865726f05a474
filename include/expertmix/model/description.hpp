#pragma once

#include <map>
#include <string>

#include "../base/abi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A gate or a family by name with its choices, words and numbers (0 and 1 for no and yes): what a file of a fit says
/// of it. One from outside the library, which no name makes again, has no name unless it says one.
struct Description {
  std::string name;                          ///< of the library's table; empty: none makes it again
  std::map<std::string, std::string> words;  ///< choices that are words, by their names
  std::map<std::string, double> numbers;     ///< choices that are numbers
  /// The same name and choices.
  bool operator==(const Description& other) const {
    return name == other.name && words == other.words && numbers == other.numbers;
  }
  /// A number, or another where it is not said.
  double number(const std::string& choice, double otherwise) const {
    const auto found = numbers.find(choice);
    return found == numbers.end() ? otherwise : found->second;
  }
  /// A choice of yes and no, no where it is not said.
  bool flag(const std::string& choice) const { return number(choice, 0.0) != 0.0; }
  /// A word, empty where it is not said.
  std::string word(const std::string& choice) const {
    const auto found = words.find(choice);
    return found == words.end() ? std::string() : found->second;
  }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
