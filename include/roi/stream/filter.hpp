// What sources share whose volumes are made one by one of those of another source.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/stream/source.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace roi {

/// Base of a source that filters the volumes of another, which becomes part of it.
///
/// Volume k of the result is made of volume k of `Inner` alone and has its type. What derives from it adds `convert`, which
/// calls `volume`, and its own `grid()` where that is another one:
///
///     template <roi::StagedSource Inner>
///     class Negated : public roi::SourceFilter<Inner> {
///     public:
///         using typename roi::SourceFilter<Inner>::value_type;
///         using typename roi::SourceFilter<Inner>::Workspace;
///         explicit Negated(Inner inner) : Negated::SourceFilter(std::move(inner)) {}
///         std::span<const value_type> convert(const roi::RawFrame& raw, std::span<value_type> out,
///                                             Workspace& workspace) const {
///             const auto volume = this->volume(raw, workspace);
///             std::transform(volume.begin(), volume.end(), out.begin(), std::negate<>());
///             return out;
///         }
///     };
template <StagedSource Inner>
class SourceFilter {
public:
    using value_type = typename Inner::value_type;

    /// What a thread needs to make a volume of the inner source.
    struct Workspace {
        typename Inner::Workspace inner;
        detail::Buffer<value_type> room;
    };

    [[nodiscard]] const Grid& grid() const { return inner_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }
    [[nodiscard]] std::int64_t frames() const { return inner_.frames(); }
    [[nodiscard]] bool reads_ahead() const { return inner_.reads_ahead(); }

    void rewind() requires RewindableSource<Inner> { inner_.rewind(); }
    void pull(RawFrame& raw) { inner_.pull(raw); }
    void verify_rest() { detail::verify_rest(inner_); }
    void warn(const WarningHandler& warning) const { detail::pass_warnings(inner_, warning); }
    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        return detail::volume_name(inner_, frame);
    }
    [[nodiscard]] std::string source_name() const { return detail::source_name(inner_); }

protected:
    /// \param metadata  of the result: what it inherits of the inner source unless told
    explicit SourceFilter(Inner&& inner)
        : inner_(std::move(inner)), metadata_(inherited(inner_.metadata())) {}
    SourceFilter(Inner&& inner, Metadata metadata)
        : inner_(std::move(inner)), metadata_(std::move(metadata)) {}

    [[nodiscard]] const Inner& inner() const { return inner_; }

    /// A volume of the inner source, where it lies already or in the memory of `workspace` until that makes another: what
    /// passes it on as it is calls `inner().convert`.
    [[nodiscard]] std::span<const value_type> volume(const RawFrame& raw, Workspace& workspace) const {
        const std::int64_t voxels = inner_.grid().size();
        if (workspace.room.size() != voxels) {
            workspace.room = detail::Buffer<value_type>(voxels, detail::Uninitialized{});
        }
        return inner_.convert(raw, workspace.room.span(), workspace.inner);
    }

private:
    Inner inner_;
    Metadata metadata_;
};

}  // namespace roi
