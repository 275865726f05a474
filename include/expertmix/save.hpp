#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fit.hpp"
#include "path.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Words that go with a fit in its file and mean nothing to the library, by name: names of columns, labels of classes.
using Notes = std::map<std::string, std::vector<std::string>>;

/// A gate and a family from outside the library, which no file can hold; null for the library's.
struct Own {
  std::shared_ptr<const Gate> gate;       ///< of one's own
  std::shared_ptr<const Experts> family;  ///< likewise
};

/// Writes a fit, or a path of penalised fits, to a file of text with every bit of its numbers, the same on every
/// machine. It holds numbers and names, no code. The file is written beside its place and then put there: what was
/// there before is replaced as a whole, or stays. Throws `file_error`.
///
///     expertmix::save(fit, "model.moe");
///     const auto again = expertmix::load<expertmix::Fit>("model.moe");
void save(const Fit& fit, const std::string& path, const Notes& notes = {});
/// The same of a path.
void save(const LassoPath& fits, const std::string& path, const Notes& notes = {});

/// What `save` wrote, a `Fit` or a `LassoPath`, bit by bit: it predicts, has standard errors and scores as the one that
/// was saved. A gate or a family from outside the library is handed over. Throws `file_error`, whose `fault` says what
/// is wrong: the file is not there, not of this library, of another version of the format, truncated, edited, holds
/// something else, or has a gate or a family from outside. R's `read_moe()` and `write_moe()` have the same format.
template <class Kept>
Kept load(const std::string& path, const Own& own = {});

/// A fit.
template <>
Fit load<Fit>(const std::string& path, const Own& own);
/// A path.
template <>
LassoPath load<LassoPath>(const std::string& path, const Own& own);

/// The words that went with a file of either kind. Throws `file_error`.
Notes notes_of(const std::string& path);

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "save.ipp"
#endif
