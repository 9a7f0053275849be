// What an image is, for nifti_info and roi info.
#pragma once

#include <roi/core/error.hpp>

#include <string>

namespace describe {

/// Header and range of values of an image.
struct Description {
    std::string text;     ///< one JSON object (without a line end) or lines of text
    std::string problem;  ///< why its voxels are not there, for a header alone; else empty
};

/// \param name  what the text calls the file
[[nodiscard]] Description image(const std::string& path, const std::string& name, bool as_json,
                                const roi::WarningHandler& warning);

}  // namespace describe
