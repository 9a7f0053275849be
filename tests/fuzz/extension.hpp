// Fuzz body: any bytes where the extensions of an image are.
#pragma once

#include <roi/io.hpp>

#include "../header_bytes.hpp"
#include "scratch.hpp"
#include <algorithm>
#include <string>

namespace fuzz {

/// The first byte chooses version, byte order, one file or two, and how far the voxels lie behind the area;
/// the second is the flag. The image itself is sound, so it must load, whatever is in between.
inline void extension(Input data) {
    static const Scratch scratch;
    if (data.size() < 2) return;
    const unsigned how = data[0];
    const int version = (how & 1) != 0 ? 2 : 1;
    const bool pair = (how & 4) != 0;
    test::HeaderBytes header(version, (how & 2) != 0);
    auto area = text_of(data.subspan(2)) + std::string(how >> 4, '\0');
    const auto first = static_cast<std::int64_t>(header.bytes().size());
    const std::int64_t offset = pair ? 0 : first + static_cast<std::int64_t>(area.size());
    version == 2 ? header.put<std::int64_t>(168, offset) : header.put<float>(108, static_cast<float>(offset));
    using namespace std::string_view_literals;
    if (pair) header.magic(version == 2 ? "ni2\0"sv : "ni1\0"sv);
    auto bytes = header.bytes();
    bytes[bytes.size() - 4] = static_cast<char>(data[1]);
    const auto voxels = header.voxels(test::counting(24));
    std::string path;
    if (pair) {
        path = scratch.write("e.hdr", bytes + area);
        (void)scratch.write("e.img", voxels);
    } else {
        path = scratch.write("e.nii", bytes + area + voxels);
    }

    const auto image = roi::load<std::int16_t>(path);
    for (std::int64_t i = 0; i < image.size(); ++i)
        demand(image[i] == i, "the voxels are where they should be");
    const auto& found = image.metadata().extensions;
    demand(data[1] != 0 || found.empty(), "without the flag there are no extensions");
    std::size_t total = 0;
    for (const auto& one : found) {
        const std::string content(reinterpret_cast<const char*>(one.bytes.data()), one.bytes.size());
        demand(area.compare(total + 8, content.size(), content) == 0, "an extension is a piece of the file");
        total += 8 + content.size();
    }
    demand(total <= area.size(), "extensions end before the voxels");

    const auto packed = roi::detail::pack_header(
        {.grid = image.grid(), .format = {.type = roi::Datatype::int16}}, image.metadata());
    const auto native = test::HeaderBytes(1).voxels(test::counting(24));
    const auto again = roi::read_header(scratch.write(
        "again.nii", std::string(reinterpret_cast<const char*>(packed.data()), packed.size()) + native));
    demand(again.metadata.extensions.size() == found.size(), "extensions survive a save");
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& one = again.metadata.extensions[i];
        demand(one.code == found[i].code && one.bytes.size() >= found[i].bytes.size() &&
                   std::equal(found[i].bytes.begin(), found[i].bytes.end(), one.bytes.begin()),
               "the content of extensions survives a save, filled up with zeros");
    }
}

}  // namespace fuzz
