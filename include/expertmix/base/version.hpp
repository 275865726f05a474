#pragma once

namespace expertmix {

/// The version in DESCRIPTION.
constexpr const char* version = "0.1.1";

}  // namespace expertmix
