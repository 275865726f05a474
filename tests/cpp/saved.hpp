#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <expertmix/save.hpp>

/// A path that no file has, in the folder for such things; the file is removed with it.
class PlaceForFile {
 public:
  explicit PlaceForFile(const std::string& name)
      : path_((std::filesystem::temp_directory_path() / ("expertmix-" + name + std::to_string(number()++))).string()) {
    std::filesystem::remove(path_);
  }
  ~PlaceForFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  PlaceForFile(const PlaceForFile&) = delete;

  operator const std::string&() const { return path_; }
  const std::string& path() const { return path_; }

  std::string read() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

 private:
  static long& number() {
    static long count =
        static_cast<long>(std::filesystem::file_time_type::clock::now().time_since_epoch().count() % 1000000000);
    return count;
  }

  std::string path_;
};
