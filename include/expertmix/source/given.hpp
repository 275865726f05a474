#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A matrix or vector as a user gives it, or none. What has a name is borrowed: looked at where it is, never copied,
/// and to be kept by its owner as long as it is looked at. A temporary is moved in, an expression computed, and kept by
/// all copies of this object. A matrix over foreign memory stays one. What a member function of a temporary returns by
/// reference, such as `vec(n).fill(1.0)`, is as good as a name to C++: in an object that stays, write
/// `vec(n, arma::fill::ones)`.
template <class T>
class Given {
 public:
  Given() = default;
  /// Looks at what has a name.
  Given(const T& lent) : value_(std::shared_ptr<const T>(), &lent) {}
  /// Keeps a temporary.
  Given(T&& kept) : value_(std::make_shared<const T>(std::move(kept))) {}
  /// Keeps a copy of one that is constant.
  Given(const T&& kept) : value_(std::make_shared<const T>(kept)) {}
  /// Keeps what an expression of Armadillo's evaluates to.
  template <class Expression,
            std::enable_if_t<std::is_convertible<const Expression&, T>::value && !std::is_base_of<T, Expression>::value,
                             int> = 0>
  Given(const Expression& expression) : Given(T(expression)) {}

  /// Whether there is something.
  explicit operator bool() const { return value_ != nullptr; }

  /// Empty where there is none.
  const T& operator*() const { return value_ ? *value_ : none(); }
  /// Its members.
  const T* operator->() const { return &**this; }

 private:
  static const T& none() {
    static const T empty;
    return empty;
  }

  std::shared_ptr<const T> value_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
