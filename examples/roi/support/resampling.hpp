// What subcommands share that bring images to another grid: how values between voxels are found.
#pragma once

#include <roi/spatial/interpolation.hpp>
#include <roi/stream/look_of_values.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/value_range.hpp>

#include "images.hpp"
#include <optional>
#include <string>

namespace command {

/// What one of the words `nearest`, `linear` and `continuous` stands for.
[[nodiscard]] inline roi::Interpolation interpolation(const std::string& word) {
    if (word == "nearest") return roi::Interpolation::nearest;
    if (word == "linear") return roi::Interpolation::linear;
    return roi::Interpolation::continuous;
}

/// The smallest and largest value of a file; nothing where none is finite, so that there is nothing to clip either.
[[nodiscard]] inline std::optional<roi::ValueRange> range_of(Session& session, const std::string& file) {
    return with_opened(session, file, [&](auto source) {
        roi::RangeOfValues range;
        roi::scan(source, range, scanning(session));
        return range.found();
    });
}

/// What a look at an image tells.
struct Seen {
    std::optional<roi::ValueRange> range;  ///< nothing where no value is finite
    roi::ValueKind values = roi::ValueKind::measured;
};

/// Looks at all volumes of a file.
[[nodiscard]] inline Seen look_at(Session& session, const std::string& file) {
    return with_opened(session, file, [&](auto source) {
        roi::RangeOfValues range;
        roi::LookOfValues look;
        roi::scan(source, range, look, scanning(session));
        return Seen{range.found(), look.kind()};
    });
}

/// What is said of means of a mask.
[[nodiscard]] inline std::string means_of_mask(const std::string& image, const std::string& interpolation) {
    return roi::text(image, " holds 0 and one other value, as a mask does, and ", interpolation,
                     " makes values in between of them; --interpolation nearest keeps a mask");
}

/// What is said of means of labels; `images` with a verb.
[[nodiscard]] inline std::string means_of_labels(const std::string& images) {
    return roi::text(
        images,
        " whole numbers in patches, as labels of regions are, and means are made of them; if they "
        "are labels, give --interpolation nearest");
}

}  // namespace command
