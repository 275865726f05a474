#pragma once

#include "abi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The version in DESCRIPTION.
constexpr const char* version = "0.1.11";

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
