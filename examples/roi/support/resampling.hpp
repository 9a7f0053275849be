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

/// Sink of `scan`: what do the values of an image look like?
class LookOfValues : public roi::SinkState {
public:
    /// \param integers  are the values known to be whole numbers?
    explicit LookOfValues(bool integers) : integers_(integers) {}

    void begin(const roi::ScanInfo& /*info*/) { *this = LookOfValues(integers_); }
    template <class T>
    void frame(std::int64_t /*index*/, std::span<const T> values) {
        for (std::size_t i = 0; i < values.size() && two_values_; ++i) {
            const auto value = static_cast<double>(values[i]);
            zeros_ = zeros_ || value == 0.0;
            if (value == 0.0 || value == inside_) continue;
            two_values_ = inside_ == 0.0 && std::isfinite(value);
            inside_ = value;
        }
        whole_ = whole_ && (integers_ || std::all_of(values.begin(), values.end(), [](T value) {
                                return value == std::trunc(value) || !std::isfinite(value);
                            }));
        if (!whole_) return;
        // That the end of a row is beside the begin of the next one here is too rare to matter.
        for (std::size_t i = 1; i < values.size(); ++i) {
            const T before = values[i - 1], value = values[i];
            const auto both = unsigned{before != T{0}} & unsigned{value != T{0}};
            pairs_ += both;
            equal_pairs_ += both & unsigned{before == value};
        }
    }
    /// 0 and one other value, such as 1 or 255; or 1 everywhere.
    [[nodiscard]] bool like_mask() const { return two_values_ && (zeros_ || inside_ == 1.0); }
    /// Whole numbers, but for those that are not finite, that make patches: of voxels side by side which are not 0 at least
    /// half are equal. Atlases have some 80 % of such pairs, measured images less than 20.
    [[nodiscard]] bool like_labels() const { return whole_ && 2 * equal_pairs_ >= pairs_; }

private:
    bool integers_, two_values_ = true, zeros_ = false, whole_ = true;
    double inside_ = 0.0;  // the other of two values, once it was seen
    std::uint64_t pairs_ = 0, equal_pairs_ = 0;
};

/// The smallest and largest value of a file.
[[nodiscard]] inline roi::ValueRange range_of(Session& session, const std::string& file) {
    return with_opened(session, file,
                       [&](auto source) { return roi::value_range(source, scanning(session)); });
}

/// What an image can be whose header does not say it: a mask or labels, of whatever type the program that wrote it has for them.
enum class Likely { mask, labels, values };

/// What a look at an image tells.
struct Seen {
    roi::ValueRange range;
    Likely likely = Likely::values;
};

/// Looks at all volumes of a file.
[[nodiscard]] inline Seen look_at(Session& session, const std::string& file) {
    const bool integers = is_of_whole_numbers(roi::read_header(file));
    return with_opened(session, file, [&](auto source) {
        roi::RangeOfValues range;
        LookOfValues look(integers);
        roi::scan(source, range, look, scanning(session));
        return Seen{range.result(), look.like_mask()     ? Likely::mask
                                    : look.like_labels() ? Likely::labels
                                                         : Likely::values};
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
