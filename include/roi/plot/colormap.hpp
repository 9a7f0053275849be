// Colour maps: which colour stands for which value.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/plot/color.hpp>
#include <roi/plot/detail/colormap_points.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// 256 colours from low to high, each for an equal share of the range.
///
/// The named maps are matplotlib's (`cold_hot` is nilearn's) with a difference of at most 1/255 a channel.
class Colormap {
public:
    /// A map of one's own: colours at positions from 0 to 1, linear in between.
    ///
    /// \param points  positions in rising order, the first 0 and the last 1
    /// \throws InvalidArgument when there are fewer than two points or the positions are not so
    explicit Colormap(std::span<const std::pair<double, Rgb>> points) {
        const auto rising = [](const auto& a, const auto& b) { return a.first < b.first; };
        require(
            points.size() >= 2 && points.front().first == 0.0 && points.back().first == 1.0 &&
                std::is_sorted(points.begin(), points.end(), rising),
            "colormap: expected two or more points at rising positions, the first at 0 and the last at 1");
        std::size_t segment = 0;
        for (std::size_t i = 0; i < size; ++i) {
            const double at = static_cast<double>(i) / (size - 1);
            while (segment + 2 < points.size() && at > points[segment + 1].first) ++segment;
            const auto& [from, low] = points[segment];
            const auto& [to, high] = points[segment + 1];
            const double share = to > from ? std::clamp((at - from) / (to - from), 0.0, 1.0) : 1.0;
            const auto mix = [share](std::uint8_t a, std::uint8_t b) {
                return static_cast<std::uint8_t>(std::lround(a + share * (b - a)));
            };
            table_[i] = {mix(low.red, high.red), mix(low.green, high.green), mix(low.blue, high.blue)};
        }
    }

    [[nodiscard]] static Colormap gray() { return made(detail::gray_points); }
    [[nodiscard]] static Colormap nipy_spectral() { return made(detail::nipy_spectral_points); }
    [[nodiscard]] static Colormap cold_hot() { return made(detail::cold_hot_points); }
    [[nodiscard]] static Colormap RdBu_r() { return made(detail::rdbu_r_points); }
    [[nodiscard]] static Colormap gist_ncar() { return made(detail::gist_ncar_points); }
    [[nodiscard]] static Colormap viridis() { return made(detail::viridis_points); }
    [[nodiscard]] static Colormap magma() { return made(detail::magma_points); }
    [[nodiscard]] static Colormap inferno() { return made(detail::inferno_points); }
    [[nodiscard]] static Colormap plasma() { return made(detail::plasma_points); }
    [[nodiscard]] static Colormap cividis() { return made(detail::cividis_points); }

    /// The map of that name; a name with `_r` added or taken away is the map from high to low.
    /// \throws InvalidArgument when there is none, listing the names
    [[nodiscard]] static Colormap named(std::string_view name) {
        using Maker = Colormap (*)();
        static constexpr std::pair<std::string_view, Maker> makers[] = {
            {"gray", gray},           {"nipy_spectral", nipy_spectral},
            {"cold_hot", cold_hot},   {"RdBu_r", RdBu_r},
            {"gist_ncar", gist_ncar}, {"viridis", viridis},
            {"magma", magma},         {"inferno", inferno},
            {"plasma", plasma},       {"cividis", cividis},
        };
        std::vector<std::string_view> names;
        for (const auto& [known, maker] : makers) {
            if (known == name) return maker();
            if (reverse_of(known) == name) return maker().reversed();
            names.push_back(known);
        }
        throw InvalidArgument(text("colormap: there is no \"", name, "\"; the names are ", joined(names),
                                   ", each also reversed with _r"));
    }

    /// The same colours from high to low.
    [[nodiscard]] Colormap reversed() const {
        Colormap out = *this;
        std::reverse(out.table_.begin(), out.table_.end());
        return out;
    }

    /// The colour of a value that lies `position` of the way from the lowest to the highest.
    ///
    /// Below 0 and NaN is the first colour, above 1 the last.
    [[nodiscard]] Rgb operator()(double position) const {
        if (!(position > 0.0)) return table_.front();
        if (position >= 1.0) return table_.back();
        return table_[static_cast<std::size_t>(position * size)];
    }

    /// All 256 colours from low to high.
    [[nodiscard]] std::span<const Rgb> colors() const { return table_; }

    friend bool operator==(const Colormap&, const Colormap&) = default;

    /// The colour of the region with this rank, from 0: neighbours are far apart, by steps of the golden ratio round the
    /// map, whose ends are left out, as far as its colours change on the way. Of three times eight regions the first are in
    /// its own colours, the next darker and the last lighter.
    [[nodiscard]] Rgb of_region(std::size_t rank) const {
        constexpr double golden = 0.618033988749895;
        constexpr std::size_t first = size / 10, last = size * 9 / 10;
        std::array<double, size> way{};
        for (std::size_t i = first; i < last; ++i) {
            const auto change = [&](std::uint8_t Rgb::*channel) {
                return static_cast<double>(table_[i + 1].*channel) - static_cast<double>(table_[i].*channel);
            };
            way[i + 1] = way[i] + std::hypot(change(&Rgb::red), change(&Rgb::green), change(&Rgb::blue));
        }
        const double there = way[last] * std::fmod(static_cast<double>(rank) * golden, 1.0);
        const auto after = std::upper_bound(way.begin() + first, way.begin() + last, there);
        Rgb out = table_[static_cast<std::size_t>(after - way.begin()) - 1];
        const std::size_t round = rank / 8 % 3;
        for (const auto channel : {&Rgb::red, &Rgb::green, &Rgb::blue}) {
            const int value = out.*channel;
            out.*channel = static_cast<std::uint8_t>(round == 0   ? value
                                                     : round == 1 ? value * 3 / 5
                                                                  : (value + 255) / 2);
        }
        return out;
    }

private:
    static constexpr std::size_t size = 256;

    [[nodiscard]] static Colormap made(std::span<const detail::ColorPoint> points) {
        std::vector<std::pair<double, Rgb>> converted;
        converted.reserve(points.size());
        for (const auto& point : points) {
            converted.emplace_back(point.at, Rgb{static_cast<std::uint8_t>(point.rgb >> 16),
                                                 static_cast<std::uint8_t>(point.rgb >> 8),
                                                 static_cast<std::uint8_t>(point.rgb)});
        }
        return Colormap(converted);
    }

    [[nodiscard]] static std::string reverse_of(std::string_view name) {
        if (name.ends_with("_r")) return std::string(name.substr(0, name.size() - 2));
        return std::string(name).append("_r");
    }

    std::array<Rgb, size> table_{};
};

/// The values of the first and the last colour of a map.
struct ColorRange {
    double low = 0.0;
    double high = 1.0;

    /// How far a value lies on the way from low to high; 0 when the range is a single value.
    [[nodiscard]] double position(double value) const {
        return high > low ? (value - low) / (high - low) : 0.0;
    }

    friend bool operator==(const ColorRange&, const ColorRange&) = default;
};

}  // namespace roi
