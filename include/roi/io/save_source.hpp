// Runs to files volume by volume: what a source gives is written as it passes.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/io/save.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace roi {

/// Sink of `scan`: a file that the volumes are written to; it appears under its name on `commit`.
template <RealVoxel T>
class WriteRun {
public:
    /// \param path     as for `save`
    /// \param options  type on disk, header version, who is told of progress
    explicit WriteRun(std::string path, SaveOptions options = {})
        : path_(std::move(path)), options_(std::move(options)) {}

    /// \throws FileError unwritable; InvalidArgument as `save`
    void begin(const ScanInfo& info) {
        writer_.emplace(path_, info.grid, info.frames, info.metadata, options_);
    }
    void frame(std::int64_t, std::span<const T> values) { writer_->write(values); }

    /// Gives the file its name.
    /// \throws InvalidArgument when no run has been written; FileError unwritable with the reason
    void commit() {
        require(writer_.has_value(), "save: no run has been scanned yet");
        writer_->commit();
    }

private:
    std::string path_;
    SaveOptions options_;
    std::optional<RunWriter<T>> writer_;
};

/// Writes the volumes of a source as they pass; the run is never held.
///
/// \param source   an opened file, a filter over one, a source of your own
/// \param path     as for a run in memory
/// \param options  type on disk (that of the source's values unless told), header version, who is told of progress
/// \throws FileError what the source throws and unwritable; the old file then stays as it was
///
/// Memory: that of a scan. The same bytes as `save` of the collected run in the type of the source's values.
template <StreamedSource Source>
void save(Source&& source, const std::string& path, const SaveOptions& options = {}) {
    WriteRun<typename std::remove_cvref_t<decltype(staged(source))>::value_type> sink(path, options);
    scan(source, sink);
    sink.commit();
}

}  // namespace roi
