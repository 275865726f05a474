#pragma once

#include "save.hpp"
#include "save/file.hpp"
#include "save/sound.hpp"
#include "save/writer.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

inline const char* kind_of(const Fit&) { return "fit"; }
inline const char* kind_of(const LassoPath&) { return "path"; }

template <class Kept>
void save_as(Kept kept, const std::string& path, Notes notes) {
  Writer writer;
  writer("notes", notes);
  WrittenModel model(kept.mixture);
  fields(writer, model);
  fields(writer, kept);
  write_file(path, wrapped(kind_of(kept), writer.text()));
}

template <class Kept>
Kept load_as(const char* kind, const std::string& path, const Own& own) {
  const std::string text = read_file(path);
  Reader reader(unwrapped(text, kind, path), path);
  Notes notes;
  reader("notes", notes);
  WrittenModel model;
  fields(reader, model);
  const Soundness sound(reader);
  sound.experts(model);
  Kept out(mixture_of(model, own, path));
  fields(reader, out);
  reader.finish();
  sound(out);
  return out;
}

}  // namespace detail

EXPERTMIX_DEFINITION void save(const Fit& fit, const std::string& path, const Notes& notes) try {
  detail::save_as(fit, path, notes);
} catch (...) {
  detail::leave("save");
}

EXPERTMIX_DEFINITION void save(const LassoPath& fits, const std::string& path, const Notes& notes) try {
  detail::save_as(fits, path, notes);
} catch (...) {
  detail::leave("save");
}

template <>
EXPERTMIX_DEFINITION Fit load<Fit>(const std::string& path, const Own& own) try {
  return detail::load_as<Fit>("fit", path, own);
} catch (...) {
  detail::leave("load");
}

template <>
EXPERTMIX_DEFINITION LassoPath load<LassoPath>(const std::string& path, const Own& own) try {
  return detail::load_as<LassoPath>("path", path, own);
} catch (...) {
  detail::leave("load");
}

EXPERTMIX_DEFINITION Notes notes_of(const std::string& path) try {
  const std::string text = detail::read_file(path);
  detail::Reader reader(detail::unwrapped(text, {}, path), path);
  Notes out;
  reader("notes", out);
  return out;
} catch (...) {
  detail::leave("load");
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
