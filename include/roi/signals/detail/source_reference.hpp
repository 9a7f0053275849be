// A source that stands for another, which stays where it is.
#pragma once

#include <roi/stream/source.hpp>

#include <cstdint>
#include <span>

namespace roi::detail {

/// Passes everything on to a source that must outlive it.
template <StagedSource Source>
class SourceReference {
public:
    using value_type = typename Source::value_type;
    using Workspace = typename Source::Workspace;

    explicit SourceReference(Source& source) : source_(&source) {}

    [[nodiscard]] const Grid& grid() const { return source_->grid(); }
    [[nodiscard]] const Metadata& metadata() const { return source_->metadata(); }
    [[nodiscard]] std::int64_t frames() const { return source_->frames(); }
    [[nodiscard]] bool reads_ahead() const { return source_->reads_ahead(); }
    void rewind() requires RewindableSource<Source> { source_->rewind(); }
    void pull(RawFrame& raw) { source_->pull(raw); }
    void warn(const WarningHandler& warning) const {
        if constexpr (requires { source_->warn(warning); }) source_->warn(warning);
    }
    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        return source_->convert(raw, out, workspace);
    }

private:
    Source* source_;
};

}  // namespace roi::detail
