// Runs to files volume by volume: what a source gives is written as it passes.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/datatype.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/arithmetic.hpp>
#include <roi/image/view.hpp>
#include <roi/io/save.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
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
        write_ = nullptr;
        commit_ = nullptr;
        rounded_ = rounding_of(info.metadata.storage);
        // Whole numbers pass through a source as float or double, and go to the file as what they are.
        visit_type(type(info.metadata.storage), [&]<class V>(V) {
            if constexpr (IntegerVoxel<V>) {
                write_to<V>(info, [grid = info.grid](RunWriter<V>& writer, std::span<const T> values) {
                    const auto stored = as<V>(VolumeView<const T>(values.data(), grid));
                    writer.write(stored.values());
                });
            } else {
                write_to<T>(info,
                            [](RunWriter<T>& writer, std::span<const T> values) { writer.write(values); });
            }
        });
    }

    /// \throws InvalidArgument when the file's type does not hold a value; the volume and the voxel are named
    void frame(std::int64_t index, std::span<const T> values) {
        try {
            write_(values);
        } catch (const InvalidArgument& error) {
            throw InvalidArgument(text("save: ", path_, ": volume ", index, ": ", error.what(), rounded_));
        }
    }

    /// Gives the file its name.
    /// \throws InvalidArgument when no run has been written; FileError unwritable with the reason
    void commit() {
        require(commit_ != nullptr, "save: no run has been scanned yet");
        commit_();
    }

private:
    /// The type of what goes to the file; values on a scale are reals.
    [[nodiscard]] Datatype type(const Storage& reference) const {
        if (options_.datatype != Datatype::unknown) return options_.datatype;
        const bool whole = options_.like_reference && reference.slope == 1.0 && reference.intercept == 0.0 &&
                           reference.datatype != Datatype::unknown &&
                           reference.datatype != Datatype::float32 && reference.datatype != Datatype::float64;
        return whole ? reference.datatype : datatype_of<T>();
    }

    /// What is to be known of a value that does not fit: the file that it comes from may hold another.
    [[nodiscard]] static std::string rounding_of(const Storage& reference) {
        std::string out;
        if (size_of(reference.datatype) == 0) return out;
        visit_type(reference.datatype, [&]<class V>(V) {
            if constexpr (IntegerVoxel<V>) {
                if (std::numeric_limits<V>::digits <= std::numeric_limits<T>::digits) return;
                out = std::same_as<T, float>
                          ? "; float rounds what the file it comes from holds: read that as double"
                          : "; double rounds what the file it comes from holds: read that into memory, as it "
                            "is";
            }
        });
        return out;
    }

    template <class V, class Write>
    void write_to(const ScanInfo& info, Write write) {
        auto writer = std::make_shared<RunWriter<V>>(path_, info.grid, info.frames, info.metadata, options_);
        write_ = [writer, write](std::span<const T> values) { write(*writer, values); };
        commit_ = [writer] { writer->commit(); };
    }

    std::string path_;
    std::string rounded_;
    SaveOptions options_;
    std::function<void(std::span<const T>)> write_;
    std::function<void()> commit_;
};

/// Writes the volumes of a source as they pass; the run is never held.
///
/// \param source   an opened file, a filter over one, a source of your own
/// \param path     as for a run in memory
/// \param options  type on disk (that of the source's values unless told; with `.like_reference`, for values that were only
///                 moved, that of the file of integers they come from, with its scale), header version, who is told of
///                 progress and oddities, a way to stop, threads
/// \throws FileError what the source throws and unwritable; InvalidArgument when the type on disk does not hold a value; the
///         old file then stays as it was
///
/// Memory: that of a scan. The same bytes as `save` of the collected run in the type of the source's values.
template <StreamedSource Source>
void save(Source&& source, const std::string& path, const SaveOptions& options = {}) {
    WriteRun<typename std::remove_cvref_t<decltype(staged(source))>::value_type> sink(path, options);
    scan(source, sink,
         ScanOptions{.warning = options.warning, .stop = options.stop, .threads = options.threads});
    sink.commit();
}

}  // namespace roi
