#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

#include "../base/error.hpp"
#include "numbers.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

constexpr std::uint64_t format_version = 1;
constexpr const char* magic_word = "expertmix-file";

using Fault = file_error::Fault;

/// FNV-1a of 64 bits: another one after a change of any single byte.
inline std::uint64_t checksum(std::string_view text) {
  std::uint64_t out = 0xcbf29ce484222325ULL;
  for (char c : text) out = (out ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return out;
}

/// Contents behind two lines: magic word, version of the format and what it holds; length and checksum.
inline std::string wrapped(const std::string& kind, const std::string& contents) {
  return std::string(magic_word) + ' ' + std::to_string(format_version) + ' ' + kind + "\nbytes " +
         std::to_string(contents.size()) + " checksum " + hexadecimal(checksum(contents), 16) + '\n' + contents;
}

/// What a text up to a character is; the text goes on behind it.
inline std::string_view cut(std::string_view& text, char end) {
  const std::string_view out = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), out.size() + 1));
  return out;
}

/// The contents of a file that holds `kind`, or anything where that is empty. Throws `file_error`.
inline std::string_view unwrapped(std::string_view text, const std::string& kind, const std::string& path) {
  const auto refuse = [&](Fault fault, const std::string& message) {
    throw file_error(fault, "load", path + " " + message);
  };
  const std::string_view magic = std::string_view(magic_word).substr(0, text.size());
  if (text.empty() || text.substr(0, magic.size()) != magic) refuse(Fault::foreign, "is no file of expertmix");
  std::string_view rest = text;
  std::string_view first = cut(rest, '\n'), second = cut(rest, '\n');
  const bool short_head =
      first.size() + second.size() + 2 > text.size() || text[first.size() + second.size() + 1] != '\n';
  if (short_head) refuse(Fault::truncated, "is truncated: it ends in its first lines");
  if (cut(first, ' ') != magic_word) refuse(Fault::foreign, "is no file of expertmix");
  const std::string_view version = cut(first, ' ');
  if (integer_of<std::uint64_t>(version) != format_version)
    refuse(Fault::version, "is of version " + std::string(version.substr(0, 20)) + " of the format; version " +
                               std::to_string(format_version) + " is read here");
  const std::string_view bytes = cut(second, ' '), length = cut(second, ' '), label = cut(second, ' ');
  const auto size = integer_of<std::uint64_t>(length), sum = integer_of<std::uint64_t>(second, 16);
  if (bytes != "bytes" || label != "checksum" || !size || !sum || second.size() != 16)
    refuse(Fault::edited, "was edited: its second line does not give length and checksum");
  if (rest.size() < *size)
    refuse(Fault::truncated,
           "is truncated: it has " + std::to_string(rest.size()) + " of " + std::to_string(*size) + " bytes");
  if (rest.size() > *size || checksum(rest) != *sum) refuse(Fault::edited, "was edited: its checksum is another one");
  if (!kind.empty() && first != kind)
    refuse(Fault::kind, "holds a " + std::string(first.substr(0, 20)) + ", which is not read as a " + kind);
  return rest;
}

/// All bytes of a file. Throws `file_error`.
inline std::string read_file(const std::string& path) {
  const auto refuse = [&](const char* why) {
    throw file_error(Fault::unreadable, "load", path + " cannot be read: " + why);
  };
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) refuse("there is no such file");
  if (!std::filesystem::is_regular_file(status)) refuse("it is no file");
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse("it cannot be opened");
  std::string out{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) refuse("reading stopped");
  return out;
}

/// The file that a path leads to through links. Throws `file_error` for what is there and no file.
inline std::filesystem::path target_of(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) return path;
  if (!std::filesystem::is_regular_file(status))
    throw file_error(Fault::unwritable, "save", path + " cannot be written: it is no file");
  const auto target = std::filesystem::canonical(path, failure);
  return failure ? std::filesystem::path(path) : target;
}

/// A name beside a file that no other thread or process writes to.
inline std::filesystem::path name_beside(const std::filesystem::path& target) {
  static std::atomic<std::uint64_t> calls{0};
  const auto ticks = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  const auto here = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&calls));
  const std::string unlike = hexadecimal(checksum(std::to_string(ticks) + '/' + std::to_string(here)), 16);
  std::filesystem::path out = target;
  out += "." + unlike + std::to_string(calls++) + ".tmp";
  return out;
}

/// Writes a file as a whole: beside it first, then in its place. Throws `file_error`; what was there before stays then.
inline void write_file(const std::string& path, const std::string& text) {
  const std::filesystem::path target = target_of(path), beside = name_beside(target);
  std::error_code failure;
  const auto refuse = [&](const std::string& why) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    throw file_error(Fault::unwritable, "save", path + " cannot be written: " + why);
  };
  std::ofstream file(beside, std::ios::binary);
  if (!file) refuse("no file can be made in its folder");
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) refuse("there is no room for it");
  const auto status = std::filesystem::status(target, failure);
  if (std::filesystem::exists(status)) std::filesystem::permissions(beside, status.permissions(), failure);
  std::filesystem::rename(beside, target, failure);
  if (failure) refuse(failure.message());
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
