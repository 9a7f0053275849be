// What subcommands share that bring images to another grid: how values between voxels are found.
#pragma once

#include <roi/spatial/interpolation.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/sink.hpp>
#include <roi/stream/value_range.hpp>

#include "images.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>

namespace command {

/// What one of the words `nearest`, `linear` and `continuous` stands for.
[[nodiscard]] inline roi::Interpolation interpolation(const std::string& word) {
    if (word == "nearest") return roi::Interpolation::nearest;
    if (word == "linear") return roi::Interpolation::linear;
    return roi::Interpolation::continuous;
}

/// Are the values of a file whole numbers by its type?
[[nodiscard]] inline bool is_of_whole_numbers(const roi::ImageInfo& info) {
    const bool scaled = info.slope != 1.0 || info.intercept != 0.0;
    return !scaled && info.datatype != roi::Datatype::float32 && info.datatype != roi::Datatype::float64;
}

/// Sink of `scan`: what do the values of an image look like?
class LookOfValues : public roi::SinkState {
public:
    void begin(const roi::ScanInfo& /*info*/) { zeros_and_ones_ = whole_ = true; }
    template <class T>
    void frame(std::int64_t /*index*/, std::span<const T> values) {
        zeros_and_ones_ = zeros_and_ones_ && std::all_of(values.begin(), values.end(), [](T value) {
                              return value == T{0} || value == T{1};
                          });
        whole_ = whole_ && std::all_of(values.begin(), values.end(), [](T value) {
                     return value == std::trunc(value) || !std::isfinite(value);
                 });
    }
    /// 0 and 1 and nothing else.
    [[nodiscard]] bool zeros_and_ones() const { return zeros_and_ones_; }
    /// Whole numbers, but for those that are not finite.
    [[nodiscard]] bool whole() const { return whole_; }

private:
    bool zeros_and_ones_ = true, whole_ = true;
};

/// The smallest and largest value of a file.
[[nodiscard]] inline roi::ValueRange range_of(Session& session, const std::string& file) {
    return with_opened(session, file,
                       [&](auto source) { return roi::value_range(source, scanning(session)); });
}

/// What an image can be whose header does not say it: a mask or labels, of whatever type the program that wrote it has for them.
enum class Likely { mask, labels, values };

/// \param range  of its values
[[nodiscard]] inline Likely likely(Session& session, const std::string& file, const roi::ImageInfo& info,
                                   const roi::ValueRange& range) {
    const bool may_be_mask = range.low >= 0.0 && range.high <= 1.0;
    if (!may_be_mask && is_of_whole_numbers(info)) return info.frames == 1 ? Likely::labels : Likely::values;
    LookOfValues look;
    with_opened(session, file, [&](auto source) { roi::scan(source, look); });
    if (may_be_mask && look.zeros_and_ones()) return Likely::mask;
    return info.frames == 1 && look.whole() ? Likely::labels : Likely::values;
}

/// What is said of means of labels; `images` with a verb.
[[nodiscard]] inline std::string means_of_labels(const std::string& images) {
    return roi::text(images,
                     " whole numbers, of which means are made; if they are labels of regions, give "
                     "--interpolation nearest");
}

}  // namespace command
