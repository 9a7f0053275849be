// Masks that options name.
#pragma once

#include <roi/core/text.hpp>
#include <roi/image/volume.hpp>

#include "images.hpp"
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace command {

/// What an image holds that is taken for a mask.
class SeenInMask {
public:
    /// Says of each voxel whether it is inside.
    void look_at(const double* values, std::int64_t count, bool* out) {
        for (std::int64_t i = 0; i < count; ++i) {
            const double value = values[i];
            nan_ += std::isnan(value);
            infinite_ += std::isinf(value);
            out[i] = value != 0.0 && !std::isnan(value);
            if (out[i] && found_.size() < many) found_.insert(value);
        }
    }

    /// Adds what was seen in other voxels.
    void include(const SeenInMask& other) {
        nan_ += other.nan_;
        infinite_ += other.infinite_;
        found_.insert(other.found_.begin(), other.found_.end());
    }

    [[nodiscard]] std::int64_t nan() const { return nan_; }
    [[nodiscard]] std::int64_t infinite() const { return infinite_; }
    [[nodiscard]] bool several() const { return found_.size() > 1; }
    /// How many values beside 0.
    [[nodiscard]] std::string values() const {
        return found_.size() < many ? roi::text(found_.size()) : std::string("many");
    }

private:
    static constexpr std::size_t many = 100;

    std::set<double> found_;
    std::int64_t nan_ = 0, infinite_ = 0;
};

/// Says where volumes of a file hold several values, as an atlas or a map does, which are all inside, and of NaN and infinity
/// what `roi::load<bool>` says.
inline void say_of_masks(Session& session, const std::string& path, const std::vector<SeenInMask>& volumes) {
    const auto tell = session.warning();
    if (!tell) return;
    std::int64_t nan = 0, infinite = 0, several = 0;
    for (const auto& volume : volumes) {
        nan += volume.nan();
        infinite += volume.infinite();
        several += volume.several();
    }
    const auto tell_of = [&](std::int64_t count, const char* kind, const char* where) {
        if (count == 0) return;
        tell(roi::text(path, ": ", count, count == 1 ? " voxel is " : " voxels are ", kind,
                       count == 1 ? " and counts as " : " and count as ", where));
    };
    tell_of(nan, "NaN", "outside");
    tell_of(infinite, "infinite", "inside");
    if (several == 0) return;
    tell(volumes.size() == 1 ? roi::text(path, " is taken for a mask and holds ", volumes.front().values(),
                                         " values beside 0, which are all inside")
                             : roi::text(path, " is taken for ", volumes.size(), " masks, and ", several,
                                         " of them hold several values beside 0, which are all inside"));
}

/// Reads a mask, and says what there is to say of it.
[[nodiscard]] inline roi::Mask read_mask(Session& session, const std::string& path) {
    const auto values = roi::load<double>(session.input(path), reading(session));
    roi::Mask out(values.grid(), false, values.metadata());
    std::vector<SeenInMask> seen(1);
    seen.front().look_at(values.data(), values.size(), out.data());
    say_of_masks(session, path, seen);
    return out;
}

/// Sink: every volume as a mask.
class CollectMasks {
public:
    void begin(const roi::ScanInfo& info) {
        masks_.assign(static_cast<std::size_t>(info.frames), roi::Mask(info.grid));
        seen_.assign(masks_.size(), {});
    }

    void update(const roi::FrameBlock<double>& block, roi::VoxelRange range) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto place = static_cast<std::size_t>(block.first) + k;
            SeenInMask seen;
            seen.look_at(block.frames[k] + range.first, range.last - range.first,
                         masks_[place].data() + range.first);
            const std::lock_guard lock(mutex_);
            seen_[place].include(seen);
        }
    }

    /// \param path, metadata  of the file
    [[nodiscard]] std::vector<roi::Mask> result(Session& session, const std::string& path,
                                                const roi::Metadata& metadata) {
        for (auto& mask : masks_) mask.metadata() = metadata;
        say_of_masks(session, path, seen_);
        return std::move(masks_);
    }

private:
    std::vector<roi::Mask> masks_;
    std::vector<SeenInMask> seen_;
    std::mutex mutex_;
};

/// Reads masks; a file of several volumes stands for its volumes.
[[nodiscard]] inline std::vector<roi::Mask> read_masks(Session& session,
                                                       const std::vector<std::string>& paths) {
    std::vector<roi::Mask> masks;
    for (const auto& path : paths) {
        auto source = roi::open<double>(session.input(path), reading(session));
        CollectMasks collect;
        roi::scan(source, collect, scanning(session));
        auto found = collect.result(session, path, roi::metadata_of_frame(source.metadata()));
        std::move(found.begin(), found.end(), std::back_inserter(masks));
    }
    return masks;
}

}  // namespace command
