// Says which maps of subjects hold nothing, one value, or the same values as another.
#pragma once

#include <roi/core/text.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/scan.hpp>

#include "session.hpp"
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command {

/// What every map holds, as one number.
class ValuesOfMaps {
public:
    /// \param what  a map is, as in "difference of a pair"
    /// \param same  what follows where one has the values of another
    explicit ValuesOfMaps(std::string_view what = "map",
                          std::string_view same = ", and counts as another subject")
        : what_(what), same_(same) {}

    /// Expects one more.
    /// \returns  its number
    std::size_t expect(std::string name) {
        maps_.push_back({.name = std::move(name)});
        return maps_.size() - 1;
    }

    /// Forgets what was seen of a map.
    void forget(std::size_t map) { maps_[map].sum = 0, maps_[map].varies = false; }

    /// Looks at some voxels of a map, from several threads at once; each voxel once, unless it is forgotten.
    template <roi::RealVoxel T>
    void look_at(std::size_t map, const T* volume, roi::VoxelRange range) {
        std::uint64_t sum = 0;
        bool varies = false;
        for (std::int64_t i = range.first; i < range.last; ++i) {
            const auto value = static_cast<double>(volume[i]);
            varies = varies || !(volume[i] == volume[0]);
            // What is NaN is no value, 0 is none that makes a map of 0 another.
            if (value == 0.0 || std::isnan(value)) continue;
            sum += mixed(std::bit_cast<std::uint64_t>(value) ^ mixed(static_cast<std::uint64_t>(i)));
        }
        const std::lock_guard lock(mutex_);
        Map& seen = maps_[map];
        seen.sum += sum;
        seen.varies = seen.varies || varies;
        seen.first = static_cast<double>(volume[0]);
    }

    [[nodiscard]] std::size_t size() const { return maps_.size(); }

    /// Says it of one that has passed, once.
    void say(const roi::WarningHandler& warning, std::size_t number) {
        Map& map = maps_[number];
        if (std::exchange(map.said, true)) return;
        const auto begin = roi::text(map.name, ": this ", what_);
        if (map.sum == 0) {
            return warning(roi::text(begin, " holds nothing but 0 and NaN, and counts as a subject"));
        }
        if (!map.varies) {
            warning(roi::text(begin, " is ", map.first, " in every voxel, and counts as a subject"));
        }
        const auto [first, fresh] = names_.try_emplace(map.sum, map.name);
        // A file that is given twice was said.
        if (fresh || first->second == map.name) return;
        warning(roi::text(begin, " has the same value as ", first->second, " in every voxel", same_));
    }

private:
    struct Map {
        std::string name;
        std::uint64_t sum = 0;
        double first = 0.0;
        bool varies = false, said = false;
    };

    /// SplitMix64's: of different numbers different ones, with no order left.
    [[nodiscard]] static std::uint64_t mixed(std::uint64_t z) {
        z += 0x9E3779B97F4A7C15U;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }

    std::string what_, same_;
    std::vector<Map> maps_;
    std::map<std::uint64_t, std::string> names_;
    std::mutex mutex_;
};

/// Sink: shows every volume to `ValuesOfMaps`.
class SeesValues {
public:
    explicit SeesValues(ValuesOfMaps& values) : values_(&values) {}

    void begin(const roi::ScanInfo& info) {
        for (std::int64_t frame = 0; frame < info.frames; ++frame) values_->expect(info.name_of(frame));
    }

    template <roi::RealVoxel T>
    void update(const roi::FrameBlock<T>& block, roi::VoxelRange range) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            values_->look_at(static_cast<std::size_t>(block.first) + k, block.frames[k], range);
        }
    }

private:
    ValuesOfMaps* values_;
};

/// A source of maps that shows `ValuesOfMaps` what passes, and says after the last what there is to say.
template <roi::StagedSource Inner>
class MapsOfSubjects : public roi::SourceFilter<Inner> {
public:
    using typename roi::SourceFilter<Inner>::value_type;
    using typename roi::SourceFilter<Inner>::Workspace;

    MapsOfSubjects(Inner inner, std::shared_ptr<ValuesOfMaps> values)
        : MapsOfSubjects::SourceFilter(std::move(inner)), values_(std::move(values)) {
        for (std::int64_t frame = 0; frame < this->frames(); ++frame) {
            places_.push_back(values_->expect(this->volume_name(frame)));
        }
    }

    void rewind() requires roi::RewindableSource<Inner> {
        roi::SourceFilter<Inner>::rewind();
        for (const std::size_t place : places_) values_->forget(place);
    }

    [[nodiscard]] std::span<const value_type> convert(const roi::RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const auto volume = this->inner().convert(raw, out, workspace.inner);
        values_->look_at(places_[static_cast<std::size_t>(raw.index)], volume.data(),
                         {0, static_cast<std::int64_t>(volume.size())});
        return volume;
    }

    void warn(const roi::WarningHandler& warning) const {
        roi::SourceFilter<Inner>::warn(warning);
        if (!warning) return;
        for (const std::size_t place : places_) values_->say(warning, place);
    }

private:
    std::shared_ptr<ValuesOfMaps> values_;
    std::vector<std::size_t> places_;
};

/// Says which volumes of a source hold nothing but 0 and NaN, or the same as another, in a pass of its own.
template <class Source>
void warn_of_same_values(Session& session, Source&& maps, std::string_view what = "map") {
    const auto warning = session.warning();
    if (!warning) return;
    ValuesOfMaps values(what);
    SeesValues sink(values);
    roi::scan(maps, sink,
              roi::ScanOptions{.stop = roi::StopRequest(Session::stop()), .threads = session.threads});
    for (std::size_t map = 0; map < values.size(); ++map) values.say(warning, map);
}

}  // namespace command
