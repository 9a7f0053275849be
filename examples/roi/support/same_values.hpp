// Says which maps of subjects hold nothing, or the same values as another.
#pragma once

#include <roi/core/text.hpp>
#include <roi/stream/scan.hpp>

#include "session.hpp"
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace command {

/// Sink: what every volume holds, as one number.
class ValuesOfMaps {
public:
    void begin(const roi::ScanInfo& info) {
        names_.clear();
        for (std::int64_t frame = 0; frame < info.frames; ++frame) names_.push_back(info.name_of(frame));
        sums_.assign(names_.size(), 0);
    }

    template <roi::RealVoxel T>
    void update(const roi::FrameBlock<T>& block, roi::VoxelRange range) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            std::uint64_t sum = 0;
            for (std::int64_t i = range.first; i < range.last; ++i) {
                const auto value = static_cast<double>(block.frames[k][i]);
                // What is NaN is no value, 0 is none that makes a map of 0 another.
                if (value == 0.0 || std::isnan(value)) continue;
                sum += mixed(std::bit_cast<std::uint64_t>(value) ^ mixed(static_cast<std::uint64_t>(i)));
            }
            const std::lock_guard lock(mutex_);
            sums_[static_cast<std::size_t>(block.first) + k] += sum;
        }
    }

    /// \param what  a volume is: "map"
    void say(const roi::WarningHandler& warning, std::string_view what) const {
        std::map<std::uint64_t, const std::string*> seen;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (sums_[i] == 0) {
                warning(roi::text(names_[i], ": this ", what,
                                  " holds nothing but 0 and NaN, and counts as a subject"));
                continue;
            }
            const auto [first, fresh] = seen.try_emplace(sums_[i], &names_[i]);
            // A file that is given twice was said.
            if (fresh || *first->second == names_[i]) continue;
            warning(roi::text(names_[i], ": this ", what, " has the same value as ", *first->second,
                              " in every voxel, and counts as another subject"));
        }
    }

private:
    /// SplitMix64's: of different numbers different ones, with no order left.
    [[nodiscard]] static std::uint64_t mixed(std::uint64_t z) {
        z += 0x9E3779B97F4A7C15U;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }

    std::vector<std::string> names_;
    std::vector<std::uint64_t> sums_;
    std::mutex mutex_;
};

/// Says which volumes of a source hold nothing but 0 and NaN, or the same as another, in a pass of its own.
template <class Source>
void warn_of_same_values(Session& session, Source&& maps, std::string_view what = "map") {
    const auto warning = session.warning();
    if (!warning) return;
    ValuesOfMaps values;
    roi::scan(maps, values,
              roi::ScanOptions{.stop = roi::StopRequest(Session::stop()), .threads = session.threads});
    values.say(warning, what);
}

}  // namespace command
