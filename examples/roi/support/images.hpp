// Images of subcommands: opened in the type that holds them, written as a volume or a run.
#pragma once

#include <roi/io/load.hpp>
#include <roi/io/open.hpp>
#include <roi/io/save.hpp>
#include <roi/io/save_source.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/scan.hpp>

#include "command.hpp"
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Compiled in images.cpp, once for all subcommands.
namespace roi {
extern template Volume<float> load<float>(const std::string&, const LoadOptions&);
extern template Volume<double> load<double>(const std::string&, const LoadOptions&);
extern template Volume<bool> load<bool>(const std::string&, const LoadOptions&);
extern template ImageSource<float> open<float>(const std::string&, const LoadOptions&);
extern template ImageSource<double> open<double>(const std::string&, const LoadOptions&);
extern template void save(const Volume<float>&, const std::string&, const SaveOptions&);
extern template void save(const Volume<double>&, const std::string&, const SaveOptions&);
extern template void save(const Mask&, const std::string&, const SaveOptions&);
extern template void save(const Labels&, const std::string&, const SaveOptions&);
extern template void save(const Volume4D<float>&, const std::string&, const SaveOptions&);
extern template void save(const Volume4D<double>&, const std::string&, const SaveOptions&);
}  // namespace roi

namespace command {

/// What is told while an image is read.
[[nodiscard]] inline roi::LoadOptions reading(Session& session) { return {.warning = session.warning()}; }

/// What is told while a source is read, and what ends that.
[[nodiscard]] inline roi::ScanOptions scanning(Session& session) {
    return {.warning = session.warning(), .stop = Session::stop()};
}

/// Does float hold every value of the file?
[[nodiscard]] inline bool fits_float(const roi::ImageInfo& info) {
    const bool scaled = info.slope != 1.0 || info.intercept != 0.0;
    return !scaled && (info.datatype == roi::Datatype::float32 || roi::size_of(info.datatype) <= 2);
}

/// Are the values of a file whole numbers by its type?
[[nodiscard]] inline bool is_of_whole_numbers(const roi::ImageInfo& info) {
    const bool scaled = info.slope != 1.0 || info.intercept != 0.0;
    return !scaled && info.datatype != roi::Datatype::float32 && info.datatype != roi::Datatype::float64;
}

/// Calls `use(source)` with the volumes of a file, as float where that holds every value, else as double.
template <class Use>
decltype(auto) with_opened(Session& session, const std::string& file, Use&& use) {
    if (fits_float(roi::read_header(file))) return use(roi::open<float>(file, reading(session)));
    return use(roi::open<double>(file, reading(session)));
}

/// The same for an input as it was given.
template <class Use>
decltype(auto) with_source(Session& session, const std::string& path, Use&& use) {
    return with_opened(session, session.input(path), std::forward<Use>(use));
}

/// The volumes of several files one after the other, as double.
[[nodiscard]] inline auto source_of(Session& session, const std::vector<std::string>& paths) {
    std::vector<decltype(roi::open<double>(paths.front(), reading(session)))> files;
    for (const auto& path : paths) {
        files.push_back(roi::open<double>(session.input(path), reading(session)));
        roi::require_same_grid(files.front().grid(), files.back().grid(),
                               roi::text(paths.front(), " and ", path));
    }
    return roi::concat(std::move(files));
}

/// All volumes of a source.
template <class Source>
[[nodiscard]] auto run_of(Session& session, Source&& source) {
    roi::Collect<typename std::remove_cvref_t<Source>::value_type> collect;
    roi::scan(source, collect, scanning(session));
    return std::move(collect).result();
}

/// The only volume of a source.
template <class Source>
[[nodiscard]] auto volume_of(Session& session, Source&& source) {
    using T = typename std::remove_cvref_t<Source>::value_type;
    const auto run = run_of(session, source);
    return roi::Volume<T>(run.frame(0));
}

/// Reads one volume as `T`; whole numbers are labels, whose background may be NaN. `read_mask` reads masks.
template <class T>
[[nodiscard]] roi::Volume<T> read_volume(Session& session, const std::string& path) {
    if constexpr (roi::IntegerVoxel<T>) {
        return roi::load_labels<T>(session.input(path), reading(session));
    } else {
        return roi::load<T>(session.input(path), reading(session));
    }
}

/// Calls `use(volume)` with the only volume of a file, as float where that holds every value, else as double.
template <class Use>
decltype(auto) with_volume(Session& session, const std::string& path, Use&& use) {
    const auto file = session.input(path);
    if (fits_float(roi::read_header(file))) return use(roi::load<float>(file, reading(session)));
    return use(roi::load<double>(file, reading(session)));
}

/// Writes a volume or a run in memory.
template <class Image>
void write_image(Session& session, const Image& image, const std::string& path) {
    session.output_image(path, [&](const std::string& file) {
        roi::save(image, file, {.warning = session.warning(), .stop = Session::stop()});
    });
}

/// The type of a file's voxels where they are values as they are; unknown where they are scaled.
[[nodiscard]] inline roi::Datatype stored_type(const std::string& file) {
    const auto info = roi::read_header(file);
    return info.slope != 1.0 || info.intercept != 0.0 ? roi::Datatype::unknown : info.datatype;
}

/// How the volumes of a source are written.
struct WrittenAs {
    roi::Datatype type = roi::Datatype::unknown;  ///< of the voxels; that of the source's values unless told
    bool like_reference = false;                  ///< on the scale of the file that they come from
    bool run = false;                             ///< a single volume is a run of one
};

/// Values that have changed, of an image with the axes of a file.
[[nodiscard]] inline WrittenAs with_axes_of(const std::string& file) {
    return {.run = roi::read_header(file).run};
}

/// Values that were only moved: as the file stores them.
[[nodiscard]] inline WrittenAs as_stored(const std::string& file) {
    const auto type = stored_type(file);
    return {type, type == roi::Datatype::unknown, roi::read_header(file).run};
}

/// Writes the volumes of a source as they pass; a single one as a volume unless it is to be a run.
template <class Source>
void write_source(Session& session, Source&& source, const std::string& path, const WrittenAs& as = {}) {
    session.output_image(path, [&](const std::string& file) {
        const roi::SaveOptions options{.datatype = as.type,
                                       .like_reference = as.like_reference,
                                       .warning = session.warning(),
                                       .stop = Session::stop()};
        if (source.frames() == 1 && !as.run) return roi::save(volume_of(session, source), file, options);
        auto all = options;
        all.progress = session.progress(session.name());
        roi::save(source, file, all);
    });
}

}  // namespace command
