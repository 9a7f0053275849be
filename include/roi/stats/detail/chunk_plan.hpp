// Which volumes belong to which chunk, and where the sums of chunks that are open at once are kept.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// What to do with every volume of a run that comes in chunks, each of which has volumes of one or more conditions: a cell
/// is what they share.
///
/// Only chunks that have begun and not ended need sums of their own, one set where chunks follow each other.
class ChunkPlan {
public:
    /// What to do with a volume.
    struct Step {
        std::int64_t chunk = -1;  ///< by number, -1 where the volume counts for nothing
        std::size_t group = 0;    ///< its condition
        std::size_t slot = 0;     ///< where the sums of its chunk are
        bool first_of_cell = false, last_of_chunk = false;
    };

    ChunkPlan() = default;
    /// \param function  what messages say
    /// \param group     condition of each volume, -1 where it counts for nothing
    /// \param chunks    of each volume; one whose chunk is missing, `n/a` or empty, counts for nothing
    /// \param groups    number of conditions
    /// \param what      the chunks should be about the volumes of
    /// \throws InvalidArgument when the chunks are not about as many volumes
    ChunkPlan(std::string_view function, const std::vector<int>& group, const Column& chunks,
              std::size_t groups, std::string_view what)
        : groups_(groups), column_(chunks.name()) {
        if (chunks.size() != static_cast<std::int64_t>(group.size())) {
            throw InvalidArgument(text(function, ": column \"", chunks.name(), "\" of chunks has ",
                                       chunks.size(), " rows, ", what, " about ", group.size(), " volumes"));
        }
        number_chunks(group, chunks);
        keep_apart();
    }

    /// Says how many volumes count for nothing because their chunk is missing.
    void warn_of_missing(const WarningHandler& warning, std::string_view function) const {
        if (!warning || missing_ == 0) return;
        warning(text(function, ": ", missing_, missing_ == 1 ? " volume has" : " volumes have",
                     " no chunk in column \"", column_, "\", ", missing_ == 1 ? "it is" : "they are",
                     " left out"));
    }

    [[nodiscard]] std::int64_t volumes() const { return static_cast<std::int64_t>(steps_.size()); }
    [[nodiscard]] bool wants(std::int64_t frame) const { return step(frame).chunk >= 0; }
    [[nodiscard]] const Step& step(std::int64_t frame) const {
        return steps_[static_cast<std::size_t>(frame)];
    }
    [[nodiscard]] std::size_t chunks() const { return counts_.size() / groups_; }
    /// How many chunks are open at once.
    [[nodiscard]] std::size_t slots() const { return slots_; }
    /// Volumes of every condition in a chunk.
    [[nodiscard]] const double* counts(std::size_t chunk) const { return counts_.data() + chunk * groups_; }

private:
    void number_chunks(const std::vector<int>& group, const Column& chunks) {
        std::vector<std::string> names;
        steps_.resize(group.size());
        for (std::size_t frame = 0; frame < group.size(); ++frame) {
            if (group[frame] < 0) continue;
            const auto& name = chunks[static_cast<std::int64_t>(frame)];
            // Missing: of no chunk, so there is no mean to compare with.
            if (is_missing(name)) {
                ++missing_;
                continue;
            }
            const auto known = std::find(names.begin(), names.end(), name);
            steps_[frame].chunk = known - names.begin();
            steps_[frame].group = static_cast<std::size_t>(group[frame]);
            if (known == names.end()) names.push_back(name);
        }
        counts_.assign(names.size() * groups_, 0.0);
    }

    /// Which volumes begin cells and end chunks, and where the sums of a chunk are kept meanwhile.
    void keep_apart() {
        std::vector<std::size_t> last(chunks());
        for (std::size_t frame = 0; frame < steps_.size(); ++frame) {
            if (steps_[frame].chunk >= 0) last[static_cast<std::size_t>(steps_[frame].chunk)] = frame;
        }
        constexpr auto none = std::numeric_limits<std::size_t>::max();
        std::vector<std::size_t> slot_of(chunks(), none), free;
        for (std::size_t frame = 0; frame < steps_.size(); ++frame) {
            Step& step = steps_[frame];
            if (step.chunk < 0) continue;
            const auto chunk = static_cast<std::size_t>(step.chunk);
            if (slot_of[chunk] == none) {
                if (free.empty()) free.push_back(slots_++);
                slot_of[chunk] = free.back();
                free.pop_back();
            }
            step.slot = slot_of[chunk];
            double& count = counts_[chunk * groups_ + step.group];
            step.first_of_cell = count == 0.0;
            count += 1.0;
            step.last_of_chunk = last[chunk] == frame;
            if (step.last_of_chunk) free.push_back(step.slot);
        }
    }

    std::size_t groups_ = 1, slots_ = 0;
    std::string column_;
    std::int64_t missing_ = 0;    // volumes that would count if they had a chunk
    std::vector<Step> steps_;     // of each volume
    std::vector<double> counts_;  // chunks x conditions
};

}  // namespace roi::detail
