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

    /// Says where it holds several values, as an atlas or a map does, which are all inside, and of NaN and infinity what
    /// `roi::load<bool>` says.
    void say(Session& session, const std::string& name) const {
        const auto tell = session.warning();
        if (!tell) return;
        const auto tell_of = [&](std::int64_t count, const char* kind, const char* where) {
            if (count == 0) return;
            tell(roi::text(name, ": ", count, count == 1 ? " voxel is " : " voxels are ", kind,
                           count == 1 ? " and counts as " : " and count as ", where));
        };
        tell_of(nan_, "NaN", "outside");
        tell_of(infinite_, "infinite", "inside");
        if (found_.size() < 2) return;
        tell(roi::text(name, " is taken for a mask and holds ",
                       found_.size() < many ? roi::text(found_.size()) : std::string("many"),
                       " values beside 0, which are all inside"));
    }

private:
    static constexpr std::size_t many = 100;

    std::set<double> found_;
    std::int64_t nan_ = 0, infinite_ = 0;
};

/// Reads a mask, and says what there is to say of it.
[[nodiscard]] inline roi::Mask read_mask(Session& session, const std::string& path) {
    const auto values = roi::load<double>(session.input(path), reading(session));
    roi::Mask out(values.grid(), false, values.metadata());
    SeenInMask seen;
    seen.look_at(values.data(), values.size(), out.data());
    seen.say(session, path);
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
        for (std::size_t i = 0; i < masks_.size(); ++i) {
            masks_[i].metadata() = metadata;
            seen_[i].say(session, masks_.size() == 1 ? path : roi::text(path, ", volume ", i));
        }
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
