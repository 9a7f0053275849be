// What subcommands share that bring images to another grid: how values between voxels are found.
#pragma once

#include <roi/spatial/interpolation.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/sink.hpp>
#include <roi/stream/value_range.hpp>

#include "images.hpp"
#include <algorithm>
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
[[nodiscard]] inline bool holds_whole_numbers(const roi::ImageInfo& info) {
    const bool scaled = info.slope != 1.0 || info.intercept != 0.0;
    return !scaled && info.datatype != roi::Datatype::float32 && info.datatype != roi::Datatype::float64;
}

/// Sink of `scan`: does an image hold 0 and 1 and nothing else?
class ZerosAndOnes : public roi::SinkState {
public:
    void begin(const roi::ScanInfo& /*info*/) { only_ = true; }
    template <class T>
    void frame(std::int64_t /*index*/, std::span<const T> values) {
        only_ = only_ && std::all_of(values.begin(), values.end(),
                                     [](T value) { return value == T{0} || value == T{1}; });
    }
    [[nodiscard]] bool result() const { return only_; }

private:
    bool only_ = true;
};

/// The smallest and largest value of a file.
[[nodiscard]] inline roi::ValueRange range_of(Session& session, const std::string& file) {
    return with_opened(session, file,
                       [&](auto source) { return roi::value_range(source, scanning(session)); });
}

/// A mask, of whatever type the program that wrote it makes masks.
/// \param range  of its values
[[nodiscard]] inline bool is_mask(Session& session, const std::string& file, const roi::ValueRange& range) {
    if (!(range.low >= 0.0 && range.high <= 1.0)) return false;
    ZerosAndOnes sink;
    with_opened(session, file, [&](auto source) { roi::scan(source, sink); });
    return sink.result();
}

}  // namespace command
