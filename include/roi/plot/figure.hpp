// A finished drawing that can be saved.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/gzip.hpp>
#include <roi/plot/detail/png.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/detail/svg.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// What the `plot_` functions return: a drawing, and the files it can become.
class Figure {
public:
    explicit Figure(Scene scene) : scene_(std::move(scene)) {}

    /// What is drawn; items may be added.
    [[nodiscard]] const Scene& scene() const { return scene_; }
    [[nodiscard]] Scene& scene() { return scene_; }

    /// Width and height in inches.
    [[nodiscard]] double width() const { return scene_.width / 72.0; }
    [[nodiscard]] double height() const { return scene_.height / 72.0; }

    /// The text of an SVG document; see `to_svg`.
    [[nodiscard]] std::string svg() const { return to_svg(scene_); }

    /// The bytes of a PNG file; see `to_png`.
    [[nodiscard]] std::vector<std::byte> png(const PngOptions& options = {}) const {
        return to_png(scene_, options);
    }

    /// Writes an SVG or a PNG file, as the suffix of the name says.
    ///
    /// \param path     ends in .svg or .png, in any case
    /// \param options  `.dpi` of a PNG
    /// \throws InvalidArgument when the suffix is another one
    /// \throws FileError unwritable; an older file of that name is then as it was
    /// \throws Error unsupported when the program was built without what the format needs
    void save(const std::string& path, const PngOptions& options = {}) const {
        if (has_suffix(path, ".png")) {
            write(path, png(options));
        } else if (has_suffix(path, ".svg")) {
            const std::string text = svg();
            write(path, std::as_bytes(std::span(text)));
        } else {
            throw InvalidArgument(
                text("save: \"", path, "\" must end in .svg or .png, which decides what is written"));
        }
    }

private:
    [[nodiscard]] static bool has_suffix(std::string_view path, std::string_view suffix) {
        const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
        return path.size() > suffix.size() &&
               std::equal(path.end() - static_cast<std::ptrdiff_t>(suffix.size()), path.end(), suffix.begin(),
                          same);
    }

    static void write(const std::string& path, std::span<const std::byte> bytes) {
        ByteWriter file(path, Compression::none);
        file.write(bytes);
        file.commit();
    }

    Scene scene_;
};

/// Several drawings side by side, upper edges aligned, on the background of the first.
///
/// \throws InvalidArgument when there are none
[[nodiscard]] inline Figure side_by_side(const std::vector<Figure>& figures) {
    require(!figures.empty(), "side_by_side: expected one or more figures, found none");
    Scene all;
    all.background = figures.front().scene().background;
    all.title = figures.front().scene().title;
    const auto moved = [](auto place, double by) {
        place.x += by;
        return place;
    };
    for (const Figure& figure : figures) {
        const double by = all.width;
        Rect sheet{by, 0.0, figure.scene().width, figure.scene().height};
        all.rectangle(sheet, figure.scene().background, 0.0, figure.scene().background);
        for (Item item : figure.scene().items) {
            if (item.clip) item.clip = moved(*item.clip, by);
            if (auto* picture = std::get_if<Picture>(&item.what)) picture->box = moved(picture->box, by);
            if (auto* text = std::get_if<Text>(&item.what)) text->place = moved(text->place, by);
            if (auto* path = std::get_if<Path>(&item.what)) {
                for (Place& place : path->places) place = moved(place, by);
            }
            all.items.push_back(std::move(item));
        }
        all.width += figure.scene().width;
        all.height = std::max(all.height, figure.scene().height);
    }
    return Figure(std::move(all));
}

}  // namespace roi
