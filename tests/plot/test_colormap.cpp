// Colour maps: matplotlib's and nilearn's colours, to 1/255.
#include <roi/plot/colormap.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>
#include <vector>

TEST_CASE("the colours of the named maps") {
    // matplotlib 3.6.3, nilearn 0.10.4 (cold_hot): entries 0, 37, 64, 101, 128, 166, 192, 219 and 255.
    const std::vector<std::pair<std::string, std::vector<std::uint32_t>>> published{
        {"gray", {0x000000, 0x252525, 0x404040, 0x656565, 0x808080, 0xa6a6a6, 0xc0c0c0, 0xdbdbdb, 0xffffff}},
        {"nipy_spectral",
         {0x000000, 0x0d00a8, 0x0078dd, 0x00aa8b, 0x00bc00, 0xbcff00, 0xffc900, 0xf90000, 0xcccccc}},
        {"cold_hot",
         {0xffffff, 0x00e7ff, 0x0059ff, 0x000096, 0x0d0000, 0xd50000, 0xff5e00, 0xffec00, 0xffffff}},
        {"RdBu_r",
         {0x053061, 0x307ab6, 0x6bacd1, 0xcfe4ef, 0xf7f6f6, 0xf8bfa4, 0xe48066, 0xc13639, 0x67001f}},
        {"gist_ncar",
         {0x000080, 0x008dff, 0x00fbb0, 0x72e500, 0xdbff20, 0xff9109, 0xff0047, 0xb044fa, 0xfef8fe}},
        {"viridis",
         {0x440154, 0x46337f, 0x3b528b, 0x2a778e, 0x21918c, 0x2fb47c, 0x5ec962, 0xa0da39, 0xfde725}},
        {"magma", {0x000004, 0x241253, 0x51127c, 0x8b2981, 0xb73779, 0xed5a5f, 0xfc8961, 0xfebb81, 0xfcfdbf}},
        {"inferno",
         {0x000004, 0x290b55, 0x57106e, 0x922568, 0xbc3754, 0xea632a, 0xf98e09, 0xfac228, 0xfcffa4}},
        {"plasma",
         {0x0d0887, 0x5502a4, 0x7e03a8, 0xb02991, 0xcc4778, 0xea7457, 0xf89540, 0xfebd2a, 0xf0f921}},
        {"cividis",
         {0x00224e, 0x233c6e, 0x434e6c, 0x656870, 0x7d7c78, 0xa19975, 0xbcae6c, 0xd9c55c, 0xfee838}},
    };
    const std::vector<std::size_t> entries{0, 37, 64, 101, 128, 166, 192, 219, 255};
    for (const auto& [name, colors] : published) {
        const auto map = roi::Colormap::named(name);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            INFO(name << " " << entries[i]);
            const auto found = map.colors()[entries[i]];
            CHECK(std::abs(found.red - static_cast<int>(colors[i] >> 16 & 255)) <= 1);
            CHECK(std::abs(found.green - static_cast<int>(colors[i] >> 8 & 255)) <= 1);
            CHECK(std::abs(found.blue - static_cast<int>(colors[i] & 255)) <= 1);
        }
        CHECK(roi::Colormap::named(name.ends_with("_r") ? name.substr(0, name.size() - 2) : name + "_r") ==
              map.reversed());
    }
}

TEST_CASE("a value finds its colour as in matplotlib") {
    const auto gray = roi::Colormap::gray();
    CHECK(gray(0.0) == roi::Rgb{0, 0, 0});
    CHECK(gray(0.5) == roi::Rgb{128, 128, 128});
    CHECK(gray(0.499) == roi::Rgb{127, 127, 127});
    CHECK(gray(1.0) == roi::colors::white);
    CHECK(gray(-3.0) == roi::colors::black);
    CHECK(gray(7.0) == roi::colors::white);
    CHECK(gray(std::numeric_limits<double>::quiet_NaN()) == roi::colors::black);
    const roi::ColorRange range{-5.0, 5.0};
    CHECK(range.position(0.0) == 0.5);
    CHECK(roi::ColorRange{3.0, 3.0}.position(3.0) == 0.0);
}

TEST_CASE("a map of one's own, and names that are none") {
    const std::vector<std::pair<double, roi::Rgb>> points{
        {0.0, {0, 0, 0}}, {0.5, {200, 0, 0}}, {1.0, {200, 100, 0}}};
    const roi::Colormap own(points);
    CHECK(own(0.25) == roi::Rgb{100, 0, 0});
    CHECK(own(1.0) == roi::Rgb{200, 100, 0});
    const std::vector<std::pair<double, roi::Rgb>> falling{{0.0, {}}, {0.6, {}}, {0.5, {}}, {1.0, {}}};
    CHECK(test::contains(test::message_of([&] { roi::Colormap{falling}; }), "rising"));
    const auto message = test::message_of([] { (void)roi::Colormap::named("jet"); });
    CHECK(test::contains(message, "\"jet\""));
    CHECK(test::contains(message, "nipy_spectral"));
}
