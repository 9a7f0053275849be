// Colour bars: numbers, and what they stand beside.
#include <roi/plot/detail/colorbar.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include <vector>

using Ticks = std::vector<double>;

namespace {

roi::Colorbar bar(double low, double high) {
    roi::Colorbar out;
    out.colors = out.values = {low, high};
    return out;
}

}  // namespace

TEST_CASE("five numbers, moved to a threshold that can be seen") {
    CHECK(roi::colorbar_ticks(bar(0, 10)) == Ticks{0, 2.5, 5, 7.5, 10});
    auto symmetric = bar(-8, 8);
    symmetric.threshold = 3.0;
    CHECK(roi::colorbar_ticks(symmetric) == Ticks{-8, -3, 0, 3, 8});
    symmetric.threshold = 1e-6;
    CHECK(roi::colorbar_ticks(symmetric) == Ticks{-8, -4, 0, 4, 8});
    auto positive = bar(0, 10);
    positive.threshold = 2.0;
    CHECK(roi::colorbar_ticks(positive) == Ticks{0, 2, 5, 7.5, 10});
    CHECK(roi::colorbar_ticks(bar(3, 3)) == Ticks{3});
}

TEST_CASE("labels get whole numbers, each once") {
    auto labels = bar(1, 3);
    labels.whole_numbers = true;
    CHECK(roi::colorbar_ticks(labels) == Ticks{1, 2, 3});
    labels.values = {1, 6};
    CHECK(roi::colorbar_ticks(labels) == Ticks{1, 2, 3, 4, 5, 6});
    labels.values = {1, 10};
    CHECK(roi::colorbar_ticks(labels).size() == 10);
    labels.values = {1, 11};
    CHECK(roi::colorbar_ticks(labels) == Ticks{1, 4, 6, 9, 11});
    labels.values = {0.5, 3.5};
    CHECK(roi::colorbar_ticks(labels) == Ticks{1, 2, 3});
    labels.values = {0.5, 1.5};
    CHECK(roi::colorbar_ticks(labels) == Ticks{1});
    labels.values = {1, 200};
    CHECK(roi::colorbar_ticks(labels) == Ticks{1, 51, 101, 150, 200});
}

TEST_CASE("numbers are written with two digits, whole ones in full") {
    using roi::detail::tick_text;
    CHECK(tick_text(2.5, 2) == "2.5");
    CHECK(tick_text(7.941, 2) == "7.9");
    CHECK(tick_text(0.0, 2) == "0");
    CHECK(tick_text(-0.0, 2) == "0");
    CHECK(tick_text(842.4, 2) == "842");
    CHECK(tick_text(12345.0, 2) == "12345");
    CHECK(tick_text(1234567.0, 2) == "1.2e+06");
    CHECK(tick_text(-4e-5, 2) == "-4e-05");
    CHECK(tick_text(3.14159, 4) == "3.142");
}

TEST_CASE("hidden values are gray, numbers stand at the height of their value") {
    auto shown = bar(-10, 10);
    shown.threshold = 5.0;
    roi::Scene scene;
    roi::draw_colorbar(scene, shown, {100, 20, 10, 200}, roi::colors::black);
    const auto pictures = test::items<roi::Picture>(scene);
    REQUIRE(pictures.size() == 1);
    const auto& raster = pictures[0]->raster;
    const auto at = [&](double value) {
        const auto& pixel = raster(0, static_cast<std::int64_t>((10 - value) / 20 * 256));
        return roi::Rgb{pixel.red, pixel.green, pixel.blue};
    };
    CHECK(at(9.99) == roi::colors::white);
    CHECK(at(-9.99) == roi::colors::black);
    CHECK(at(4.8) == roi::colors::gray);
    CHECK(at(-4.8) == roi::colors::gray);
    CHECK(at(5.2) == shown.cmap(0.76));
    for (const auto* text : test::items<roi::Text>(scene)) {
        if (text->text == "5") CHECK(text->place.y == Approx(20 + 200 * 0.25));
        if (text->text == "-10") CHECK(text->place.y == Approx(220));
    }
    CHECK(test::texts(scene) == std::vector<std::string>{"-10", "-5", "0", "5", "10"});
}
