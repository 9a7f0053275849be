// Fuzz body: any bytes as an image.
#pragma once

#include <roi/io.hpp>

#include "../header_bytes.hpp"
#include "scratch.hpp"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace fuzz {

/// Number of voxels above which an image is opened but not read: a packed input may claim a thousand times
/// its size.
inline constexpr std::int64_t most_voxels = 1 << 18;

inline bool same_bytes(std::span<const double> a, std::span<const double> b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

/// What must hold for a header that was accepted.
inline void check_info(const roi::ImageInfo& info, std::int64_t available) {
    demand(info.frames >= 1 && info.grid.size() >= 1, "an image has voxels");
    demand(info.grid.affine().allFinite(), "an affine is finite");
    demand(std::isfinite(info.slope) && info.slope != 0.0 && std::isfinite(info.intercept),
           "scaling is usable");
    demand(info.rank == static_cast<int>(info.dimensions.size()) && info.rank >= 1 && info.rank <= 5,
           "ranks");
    const auto each = static_cast<std::int64_t>(roi::size_of(info.datatype));
    demand(!info.voxel_problem.empty() ||
               (info.voxel_offset <= available &&
                info.grid.size() <= (available - info.voxel_offset) / each / info.frames),
           "a claim is never larger than what the file can hold, or its voxels are said to be missing");
}

/// Every way of reading gives the same numbers.
inline std::optional<roi::Volume4D<double>> read_every_way(const std::string& path,
                                                           const roi::ImageInfo& info) {
    std::optional<roi::Volume4D<double>> run;
    const bool whole = succeeds([&] { run = roi::load4d<double>(path); });

    std::vector<double> streamed;
    const bool in_pieces = succeeds([&] {
        auto source = roi::open<double>(path);
        roi::RawFrame raw;
        roi::ImageSource<double>::Workspace workspace;
        std::vector<double> room(static_cast<std::size_t>(info.grid.size()));
        for (std::int64_t t = 0; t < info.frames; ++t) {
            source.pull(raw);
            const auto values = source.convert(raw, room, workspace);
            streamed.insert(streamed.end(), values.begin(), values.end());
        }
    });
    demand(whole == in_pieces, "an image loads if and only if it streams");
    if (!whole) return run;
    demand(same_bytes(run->values(), streamed), "loading and streaming give the same values");

    succeeds([&] {
        const auto integers = roi::load4d<std::int32_t>(path);
        for (std::int64_t i = 0; i < integers.size(); ++i) {
            demand(static_cast<double>(integers.values()[static_cast<std::size_t>(i)]) ==
                       run->values()[static_cast<std::size_t>(i)],
                   "integers are exact");
        }
    });
    if (info.frames == 1) demand(succeeds([&] { (void)roi::load<bool>(path); }), "any image is a mask");
    return run;
}

/// A header written from what was read means the same, and is written the same again.
inline void check_header_round_trip(const Scratch& scratch, const roi::ImageInfo& info,
                                    const roi::Volume4D<double>& run) {
    for (const int version : {0, 2}) {
        const auto pack = [&](const roi::Grid& grid, const roi::Metadata& metadata) {
            const auto bytes = roi::detail::pack_header({.grid = grid,
                                                         .frames = run.frames(),
                                                         .rank = 4,
                                                         .format = {.type = roi::Datatype::float64},
                                                         .version = version},
                                                        metadata);
            return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        };
        const auto header = pack(info.grid, info.metadata);
        const std::string voxels(reinterpret_cast<const char*>(run.values().data()),
                                 run.values().size_bytes());
        const auto path = scratch.write("again.nii", header + voxels);
        const auto again = roi::read_header(path);
        demand(again.frames == info.frames && again.grid.shape() == info.grid.shape(),
               "shapes survive a save");
        demand(again.metadata.description == info.metadata.description &&
                   again.metadata.intent.name == info.metadata.intent.name &&
                   again.metadata.aux_file == info.metadata.aux_file,
               "texts survive a save");
        demand(again.metadata.extensions.size() == info.metadata.extensions.size(),
               "extensions survive a save");
        demand(pack(again.grid, again.metadata) == header, "a header that was read back is written the same");
        const auto loaded = roi::load4d<double>(path);
        demand(same_bytes(loaded.values(), run.values()), "values survive a save");
    }
}

/// A file that bytes became, and how many bytes it may hold at most, packed or not.
struct Written {
    std::string path;
    std::int64_t available = 0;
};

/// Writes bytes as `how` says: a single file, a header without its voxels, or a pair cut after 348, 352 or 544 bytes;
/// plain or compressed.
inline Written write_image(const Scratch& scratch, unsigned how, const std::string& content) {
    const auto pack = [&](const std::string& plain) { return (how & 4) != 0 ? test::gzip(plain, 1) : plain; };
    Written out;
    if ((how & 3) < 2) {
        const auto bytes = pack(content);
        scratch.remove("a.img");
        out.path = scratch.write((how & 1) != 0 ? "a.hdr" : "a.nii", bytes);
        out.available = static_cast<std::int64_t>(bytes.size());
    } else {
        const std::size_t size = std::min<std::size_t>(content.size(), (how & 8) != 0    ? 348
                                                                       : (how & 16) != 0 ? 544
                                                                                         : 352);
        const auto voxels = pack(content.substr(size));
        out.path = scratch.write("a.hdr", pack(content.substr(0, size)));
        const auto other = scratch.write("a.img", voxels);
        if ((how & 1) != 0) out.path = other;
        out.available = static_cast<std::int64_t>(std::max(voxels.size(), content.size()));
    }
    if ((how & 4) != 0) out.available *= 1032;
    return out;
}

/// The first byte says what becomes of the others.
inline void header(Input data) {
    static const Scratch scratch;
    if (data.empty()) return;
    const auto file = write_image(scratch, data[0], text_of(data.subspan(1)));
    const auto& path = file.path;
    roi::ImageInfo info;
    if (!succeeds([&] { info = roi::read_header(path); })) {
        demand(!succeeds([&] { (void)roi::load4d<double>(path); }), "what has no header has no voxels");
        return;
    }
    check_info(info, file.available);
    if (info.grid.size() * info.frames > most_voxels) return;
    if (const auto run = read_every_way(path, info)) check_header_round_trip(scratch, info, *run);
}

}  // namespace fuzz
