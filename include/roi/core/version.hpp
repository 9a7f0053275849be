// The version of the library, the single place it is written; CMake reads it from here.
#pragma once

#define ROI_VERSION_MAJOR 0
#define ROI_VERSION_MINOR 1
#define ROI_VERSION_PATCH 0
#define ROI_VERSION_STRING "0.1.0"

namespace roi {

/// The version as text, for example "0.1.0".
inline constexpr const char* version = ROI_VERSION_STRING;

}  // namespace roi
