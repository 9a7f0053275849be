// A source that keeps what it has read, to be scanned again.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/stream/source.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// The volumes of another source, each kept in its stored form when it is first pulled.
///
/// Only the first scan reads; every scan starts at the first volume. Memory: the stored run, which for a file of 16-bit
/// integers is half of the same run in float.
template <StagedSource Inner>
class Cached {
public:
    using value_type = typename Inner::value_type;
    using Workspace = typename Inner::Workspace;

    explicit Cached(Inner inner)
        : inner_(std::move(inner)), kept_(static_cast<std::size_t>(inner_.frames())) {}

    [[nodiscard]] const Grid& grid() const { return inner_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return inner_.metadata(); }
    [[nodiscard]] std::int64_t frames() const { return inner_.frames(); }
    [[nodiscard]] bool reads_ahead() const { return read_ < frames() && inner_.reads_ahead(); }

    void rewind() { next_ = 0; }
    void pull(RawFrame& raw) {
        if (next_ == read_) {
            inner_.pull(kept_[static_cast<std::size_t>(read_)]);
            ++read_;
        }
        raw.index = next_++;
    }

    void warn(const WarningHandler& warning) const { detail::pass_warnings(inner_, warning); }
    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        return detail::volume_name(inner_, frame);
    }
    [[nodiscard]] std::string source_name() const { return detail::source_name(inner_); }
    [[nodiscard]] bool only_zeros_and_ones() const { return detail::only_zeros_and_ones(inner_); }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        return inner_.convert(kept(raw), out, workspace);
    }
    [[nodiscard]] std::span<const value_type> convert_range(
        const RawFrame& raw, VoxelRange range, std::span<value_type> out,
        Workspace& workspace) const requires RangedSource<Inner> {
        return inner_.convert_range(kept(raw), range, out, workspace);
    }

    /// As of the inner source.
    template <class Visit>
    bool visit_stored(Visit&& visit) const requires StoredSource<Inner> {
        return inner_.visit_stored(visit);
    }
    template <NumberVoxel V>
    [[nodiscard]] std::span<const V> stored(const RawFrame& raw) const requires StoredSource<Inner> {
        return inner_.template stored<V>(kept(raw));
    }

private:
    [[nodiscard]] const RawFrame& kept(const RawFrame& raw) const {
        return kept_[static_cast<std::size_t>(raw.index)];
    }

    Inner inner_;
    std::vector<RawFrame> kept_;
    std::int64_t read_ = 0;  // volumes kept so far
    std::int64_t next_ = 0;  // the volume that is pulled next
};

/// Keeps the volumes of a source in memory as they are read, to scan them more than once.
///
/// \param source  an opened file or a source of your own; becomes part of the result
/// \returns       a source: `smooth(cached(open(path)), fwhm)` decompresses once, holds the run in the type of its file,
///                and smooths in every scan what that scan looks at
/// \throws        what the source throws, from `scan`; volumes that were kept before stay
///
/// Memory: the stored run. The nearest in nibabel is `get_fdata(caching="fill")`, which holds it as double.
template <StreamedSource Source>
[[nodiscard]] Cached<detail::MovedIn<Source>> cached(Source&& source) {
    return Cached<detail::MovedIn<Source>>(detail::moved_in(std::forward<Source>(source)));
}

}  // namespace roi
