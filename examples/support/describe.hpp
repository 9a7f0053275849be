// What an image is, for nifti_info and roi info.
#pragma once

#include <roi/core/error.hpp>

#include <string>

namespace describe {

/// Header and range of values of an image, as one JSON object (without a line end) or as lines of text.
/// \param name  what the text calls the file
[[nodiscard]] std::string image(const std::string& path, const std::string& name, bool as_json,
                                const roi::WarningHandler& warning);

}  // namespace describe
