// Courses: curves, bands, gaps, panels.
#include <roi/plot/plot_event_average.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using test::items;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

roi::EventAverage two_regions() {
    roi::EventAverage out;
    out.seconds = {-2, 0, 2, 4};
    out.courses = {{"FFA", "face", {1, 2, 3, 2}, {0.5, 0.5, 0.5, 0.5}, {3, 3, 3, 3}},
                   {"FFA", "house <1>", {1, missing, 1, 1}, {0.2, missing, missing, 0.2}, {3, 0, 1, 3}},
                   {"PPA", "face", {10, 20, 30, 20}, {1, 1, 1, 1}, {3, 3, 3, 3}}};
    return out;
}

std::vector<const roi::Path*> curves(const roi::Figure& figure) {
    auto out = items<roi::Path>(figure.scene());
    std::erase_if(out, [](const roi::Path* path) { return path->closed || path->width != 1.5; });
    return out;
}

std::vector<const roi::Path*> bands(const roi::Figure& figure) {
    auto out = items<roi::Path>(figure.scene());
    std::erase_if(out, [](const roi::Path* path) { return path->opacity != 0.2; });
    return out;
}

}  // namespace

TEST_CASE("courses: a curve a condition, interrupted where there is no event, and a band") {
    const auto figure = roi::plot_event_average(two_regions());
    // face, two parts of house, and face of the other region
    REQUIRE(curves(figure).size() == 4);
    CHECK(curves(figure)[0]->places.size() == 4);
    CHECK(curves(figure)[1]->places.size() == 2);
    CHECK(curves(figure)[0]->color == roi::Rgb{31, 119, 180});
    CHECK(curves(figure)[1]->color == roi::Rgb{255, 127, 14});
    CHECK(curves(figure)[3]->color == roi::Rgb{31, 119, 180});
    REQUIRE(bands(figure).size() == 4);
    CHECK(bands(figure)[0]->places.size() == 8);
    // The band is as far above the curve as below it, and rising values go up.
    const auto& curve = curves(figure)[0]->places;
    const auto& band = bands(figure)[0]->places;
    CHECK(curve[0].y - band[0].y == Approx(band[7].y - curve[0].y));
    CHECK(curve[0].y - band[0].y == Approx((curve[0].y - curve[1].y) / 2.0));
    CHECK(curve[1].x - curve[0].x == Approx(curve[3].x - curve[2].x));
    for (const auto* text : {"FFA", "PPA", "face", "house <1>", "signal", "seconds after the onset"}) {
        CHECK(test::has_text(figure.scene(), text));
    }
    CHECK(bands(roi::plot_event_average(two_regions(), {.band = false})).empty());
}

TEST_CASE("courses: shared range, titles, one point, nothing at all") {
    const auto apart = roi::plot_event_average(two_regions());
    const auto shared = roi::plot_event_average(two_regions(), {.share_y = true});
    const auto height = [](const roi::Path* path) { return path->places[0].y - path->places[2].y; };
    CHECK(height(curves(apart)[0]) > 5.0 * height(curves(shared)[0]));

    auto one = two_regions();
    one.courses.resize(1);
    one.seconds = {0.0};
    one.courses[0].mean = {5.0};
    one.courses[0].sem = {missing};
    one.courses[0].events = {1};
    one.change = roi::SignalChange::percent;
    const auto single = roi::plot_event_average(one, {.title = "Only one"});
    CHECK(curves(single).size() == 1);
    CHECK(test::has_text(single.scene(), "Only one"));
    CHECK(test::has_text(single.scene(), "percent change of the signal"));
    one.courses[0].mean = {missing};
    CHECK(curves(roi::plot_event_average(one)).empty());

    // The fifth region begins a second row, below the first.
    auto five = two_regions();
    five.courses.erase(five.courses.begin() + 1);
    for (const auto* name : {"3", "4", "5"}) {
        five.courses.push_back(five.courses.front());
        five.courses.back().region = name;
    }
    const auto rows = roi::plot_event_average(five);
    CHECK(rows.scene().height == 2.0 * apart.scene().height);
    const auto first = curves(rows)[0]->places[0], fifth = curves(rows)[4]->places[0];
    CHECK(fifth.x == first.x);
    CHECK(fifth.y == Approx(first.y + apart.scene().height));

    CHECK_THROWS_AS(roi::plot_event_average(roi::EventAverage{}), roi::InvalidArgument);
    one.courses[0].mean = {};
    CHECK_THROWS_AS(roi::plot_event_average(one), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::plot_event_average(two_regions(), {.size = roi::FigureSize{0.0, 1.0}}),
                    roi::InvalidArgument);
}
