#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "catch.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path& folder() {
  static const fs::path path = fs::path(EXPERTMIX_SOURCE_DIR) / "guide";
  return path;
}

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The code blocks of the guide by the program that is named before.
std::map<std::string, std::string> shown() {
  std::map<std::string, std::string> out;
  std::ifstream guide(folder() / "README.md");
  const std::regex name("\\]\\((\\w+\\.cpp)\\)");
  std::string program;
  bool inside = false;
  for (std::string line; std::getline(guide, line);) {
    std::smatch match;
    if (line == "```cpp")
      inside = true;
    else if (line == "```")
      inside = false;
    else if (inside)
      out[program] += line + "\n";
    else if (std::regex_search(line, match, name))
      program = match[1];
  }
  return out;
}

}  // namespace

TEST_CASE("the guide shows every program of its folder as it is", "[walls]") {
  const auto blocks = shown();
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder()))
    if (entry.path().extension() == ".cpp") files.insert(entry.path().filename().string());
  CHECK(files.size() >= 8);
  CHECK(blocks.size() == files.size());
  for (const std::string& file : files) {
    INFO(file << " in guide/README.md: run tools/guide.sh");
    CHECK((blocks.count(file) == 1 && blocks.at(file) == read(folder() / file)));
  }
}

TEST_CASE("README's tasks take at most twice R's lines in C++", "[walls]") {
  std::istringstream program(read(folder() / "readme.cpp"));
  std::string line, task;
  std::size_t of_r = 0, of_cpp = 0, tasks = 0;
  while (std::getline(program, line)) {
    if (line.find("  // R: ") == 0) {
      if (of_r == 0) task = line;
      ++of_r;
    } else if (of_r > 0 && !line.empty() && line != "}") {
      ++of_cpp;
    } else if (of_r > 0) {
      INFO(task << ": " << of_cpp << " lines for " << of_r << " of R");
      CHECK(of_cpp <= 2 * of_r);
      ++tasks;
      of_r = of_cpp = 0;
    }
  }
  CHECK(tasks >= 10);
}
