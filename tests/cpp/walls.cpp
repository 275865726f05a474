#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"

#include <expertmix/base/version.hpp>

/// The walls of the house, read from the sources themselves.
namespace {

namespace fs = std::filesystem;

/// The folder of a header, or "doors" for those that users include.
std::string room_of(const std::string& path) {
  const std::size_t slash = path.find('/');
  return slash == std::string::npos ? "doors" : path.substr(0, slash);
}

struct Header {
  std::string path;  ///< relative to include/expertmix
  std::string text;
  std::set<std::string> own;      ///< headers of the library it includes, relative to include/expertmix
  std::set<std::string> foreign;  ///< names in angle brackets

  std::string room() const { return room_of(path); }
  bool is_umbrella() const { return path == "expertmix.hpp"; }

  /// A door ends with what is behind it: `fit.hpp` with a header of `fit/`.
  bool hands_over_to(const std::string& other) const { return path == other + ".hpp" || path == other + ".ipp"; }
};

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Comments blanked, so that prose can say what code may not.
std::string code_of(const std::string& text) { return std::regex_replace(text, std::regex("//[^\n]*"), ""); }

Header load(const fs::path& root, const fs::path& path) {
  Header header{fs::relative(path, root).generic_string(), code_of(read(path)), {}, {}};
  const std::regex include("#\\s*include\\s*([<\"])([^>\"]+)[>\"]");
  for (std::sregex_iterator match(header.text.begin(), header.text.end(), include), end; match != end; ++match) {
    const std::string name = (*match)[2];
    if ((*match)[1] == "<")
      header.foreign.insert(name);
    else
      header.own.insert(fs::relative((path.parent_path() / name).lexically_normal(), root).generic_string());
  }
  return header;
}

const std::vector<Header>& headers() {
  static const std::vector<Header> all = [] {
    const fs::path root = fs::path(EXPERTMIX_SOURCE_DIR) / "include" / "expertmix";
    std::vector<Header> found;
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (std::regex_match(entry.path().extension().string(), std::regex("\\.[hi]pp")))
        found.push_back(load(root, entry.path()));
    return found;
  }();
  return all;
}

/// The rooms in their order. A room knows itself and those before its row.
const std::vector<std::vector<std::string>>& rows_of_rooms() {
  static const std::vector<std::vector<std::string>> rows{
      {"base"}, {"math"}, {"model"}, {"gates", "families"}, {"mixture"}, {"source", "solver"}, {"search"}, {"doors"},
      {"fit"},  {"path"}, {"save"},  {"inference"},         {"theory"}};
  return rows;
}

std::size_t row_of(const std::string& room) {
  const auto& rows = rows_of_rooms();
  const auto holds = [&](const auto& row) { return std::find(row.begin(), row.end(), room) != row.end(); };
  return static_cast<std::size_t>(std::find_if(rows.begin(), rows.end(), holds) - rows.begin());
}

/// Checks that no header outside `allowed` matches.
void require_absent(const std::string& pattern, const std::set<std::string>& allowed = {}) {
  const std::regex expression(pattern);
  for (const Header& header : headers()) {
    if (allowed.count(header.path)) continue;
    std::smatch match;
    const bool found = std::regex_search(header.text, match, expression);
    INFO(header.path << " has " << (found ? match.str() : ""));
    CHECK_FALSE(found);
  }
}

}  // namespace

TEST_CASE("every include of the library names a header that exists", "[walls]") {
  REQUIRE(headers().size() > 10);
  std::set<std::string> paths;
  for (const Header& header : headers()) paths.insert(header.path);
  for (const Header& header : headers())
    for (const std::string& name : header.own) {
      INFO(header.path << " includes " << name);
      CHECK(paths.count(name) == 1);
    }
}

TEST_CASE("every room knows itself and the rooms before it", "[walls]") {
  for (const Header& header : headers()) {
    if (header.is_umbrella()) continue;
    INFO(header.path);
    REQUIRE(row_of(header.room()) < rows_of_rooms().size());
    for (const std::string& name : header.own) {
      const std::string room = room_of(name);
      INFO("includes " << name);
      CHECK((room == header.room() || row_of(room) < row_of(header.room()) || header.hands_over_to(room)));
    }
  }
}

TEST_CASE("one header includes Armadillo, and R's headers with it", "[walls]") {
  const std::regex foreign("armadillo|Rcpp.*|R\\.h|R_ext/.*|Rinternals\\.h|Rmath\\.h|Rdefines\\.h");
  for (const Header& header : headers())
    for (const std::string& name : header.foreign) {
      INFO(header.path << " includes " << name);
      CHECK((header.path == "base/armadillo.hpp" || !std::regex_match(name, foreign)));
    }
}

TEST_CASE("one header starts threads", "[walls]") {
  require_absent("#\\s*pragma\\s+omp|\\bomp_\\w+|\\bomp\\.h\\b|\\bstd::(thread|async)\\b", {"base/parallel.hpp"});
}

TEST_CASE("the core neither prints, exits nor draws from a hidden generator", "[walls]") {
  require_absent("\\bstd::c(out|err|log)\\b|\\bf?printf\\s*\\(|\\bputs\\s*\\(|<iostream>|<cstdio>");
  require_absent("\\b(std::)?(exit|abort|_exit|quick_exit|terminate)\\s*\\(|\\bassert\\s*\\(");
  require_absent(
      "\\b(std::)?s?rand\\s*\\(|\\barma::rand|\\brand[ung]\\s*[(<]|<random>|\\bstd::mt19937|\\bunif_rand\\b");
}

TEST_CASE("headers keep namespaces closed and guard themselves", "[walls]") {
  require_absent("\\busing\\s+namespace\\b");
  for (const Header& header : headers()) {
    INFO(header.path);
    CHECK(header.text.find("#pragma once") != std::string::npos);
  }
}

TEST_CASE("every name lives in the inline namespace of the version, and there is one version", "[walls]") {
  for (const Header& header : headers()) {
    INFO(header.path);
    const bool names = header.text.find("namespace expertmix {") != std::string::npos;
    CHECK(names == (header.text.find("inline namespace EXPERTMIX_ABI {") != std::string::npos));
  }
  const fs::path root(EXPERTMIX_SOURCE_DIR);
  const std::string description = read(root / "DESCRIPTION"), abi = read(root / "include/expertmix/base/abi.hpp"),
                    citation = read(root / "CITATION.cff");
  std::smatch match;
  REQUIRE(std::regex_search(description, match, std::regex("Version: ([0-9.]+)")));
  const std::string version = match[1], name = "v" + std::regex_replace(version, std::regex("\\."), "_");
  CHECK(version == expertmix::version);
  CHECK(std::regex_search(citation, std::regex("\nversion: " + version + "\n")));
  CHECK(std::regex_search(abi, std::regex("EXPERTMIX_ABI " + name + "\n")));
  CHECK(std::regex_search(abi, std::regex("EXPERTMIX_ABI " + name + "_compiled\n")));
}
