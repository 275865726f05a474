#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"

/// The walls of the house, read from the sources themselves.
namespace {

namespace fs = std::filesystem;

struct Header {
  std::string path;  ///< relative to include/expertmix
  std::string text;
  std::set<std::string> own;      ///< headers of the library it includes, relative to include/expertmix
  std::set<std::string> foreign;  ///< names in angle brackets

  std::string room() const { return path.substr(0, path.find('/')); }
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
      if (entry.path().extension() == ".hpp") found.push_back(load(root, entry.path()));
    return found;
  }();
  return all;
}

/// Everything that a header includes of the library, directly or not.
std::set<std::string> reached(const std::string& path) {
  std::set<std::string> seen;
  std::vector<std::string> open{path};
  while (!open.empty()) {
    const std::string next = open.back();
    open.pop_back();
    const auto header =
        std::find_if(headers().begin(), headers().end(), [&](const Header& h) { return h.path == next; });
    if (header == headers().end()) continue;
    for (const std::string& name : header->own)
      if (seen.insert(name).second) open.push_back(name);
  }
  return seen;
}

bool in_room(const std::string& path, const std::string& room) { return path.rfind(room + "/", 0) == 0; }

void require_wall(const std::string& room, const std::string& forbidden) {
  for (const Header& header : headers())
    if (header.room() == room)
      for (const std::string& name : reached(header.path)) {
        INFO(header.path << " reaches " << name);
        CHECK_FALSE(in_room(name, forbidden));
      }
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

TEST_CASE("the model knows neither source nor solver", "[walls]") {
  require_wall("model", "source");
  require_wall("model", "solver");
}

TEST_CASE("the solver does not know the source, nor the source the solver", "[walls]") {
  require_wall("solver", "source");
  require_wall("source", "solver");
}

TEST_CASE("the mathematics knows none of the rooms", "[walls]") {
  for (const char* room : {"model", "source", "solver"}) require_wall("math", room);
}

TEST_CASE("one header includes Armadillo, and R's headers with it", "[walls]") {
  const std::regex foreign("armadillo|Rcpp.*|R\\.h|R_ext/.*|Rinternals\\.h|Rmath\\.h|Rdefines\\.h");
  for (const Header& header : headers())
    for (const std::string& name : header.foreign) {
      INFO(header.path << " includes " << name);
      CHECK((header.path == "armadillo.hpp" || !std::regex_match(name, foreign)));
    }
}

TEST_CASE("one header starts threads", "[walls]") {
  require_absent("#\\s*pragma\\s+omp|\\bomp_\\w+|\\bomp\\.h\\b|\\bstd::(thread|async)\\b", {"parallel.hpp"});
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
