// Box plots: matplotlib's statistics, and what is drawn of them.
#include <roi/plot/box_statistics.hpp>
#include <roi/plot/plot_boxplot.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using test::has_text;
using test::items;

namespace {

roi::ConditionTable table(Eigen::Index rows, Eigen::Index columns) {
    roi::ConditionTable out;
    out.values.resize(rows, columns);
    for (Eigen::Index column = 0; column < columns; ++column) {
        out.names.push_back("name " + std::to_string(column));
        for (Eigen::Index row = 0; row < rows; ++row)
            out.values(row, column) = static_cast<double>(row + column);
    }
    return out;
}

std::size_t medians(const roi::Figure& figure) {
    std::size_t out = 0;
    for (const auto* path : items<roi::Path>(figure.scene()))
        out += path->color == roi::Rgb{255, 127, 14} ? 1U : 0U;
    return out;
}
std::size_t circles(const roi::Figure& figure) {
    std::size_t out = 0;
    for (const auto* path : items<roi::Path>(figure.scene())) out += path->places.size() == 16 ? 1U : 0U;
    return out;
}

}  // namespace

TEST_CASE("quartiles, whiskers, outliers and mean of published values") {
    const auto box = roi::box_statistics({30, 9, 8, 7, 6, 5, 4, 3, 2, 1});
    CHECK(box.q1 == 3.25);
    CHECK(box.median == 5.5);
    CHECK(box.q3 == 7.75);
    CHECK(box.lower_whisker == 1.0);
    CHECK(box.upper_whisker == 9.0);
    CHECK(box.mean == 7.5);
    CHECK(box.outliers == std::vector<double>{30.0});
}

TEST_CASE("constant values, one value, NaN, none") {
    const auto same = roi::box_statistics({4, 4, 4, 4});
    CHECK(same.q1 == 4.0);
    CHECK(same.upper_whisker == 4.0);
    CHECK(same.outliers.empty());
    CHECK(roi::box_statistics({2.5}).median == 2.5);
    CHECK(std::isnan(roi::box_statistics({1, 2, std::numeric_limits<double>::quiet_NaN()}).q1));
    CHECK(std::isnan(roi::box_statistics({}).median));
    // Whiskers never end inside the box.
    const auto far = roi::box_statistics({0, 0, 0, 0, 100});
    CHECK(far.lower_whisker == 0.0);
    CHECK(far.upper_whisker == 0.0);
    CHECK(far.outliers == std::vector<double>{100.0});
}

TEST_CASE("round numbers on the axis") {
    const auto labels = [](double low, double high) {
        const roi::detail::NiceTicks ticks(low, high);
        std::vector<std::string> out;
        for (const double tick : ticks.at) out.push_back(ticks.text(tick));
        return out;
    };
    using Labels = std::vector<std::string>;
    CHECK(labels(0, 9) == Labels{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
    CHECK(labels(-0.1, 0.9) == Labels{"0.0", "0.2", "0.4", "0.6", "0.8"});
    CHECK(labels(480, 700).front() == "500");
    CHECK(labels(0.95, 1.95) == Labels{"1.0", "1.2", "1.4", "1.6", "1.8"});
    CHECK(labels(0, 2.2) == Labels{"0.00", "0.25", "0.50", "0.75", "1.00", "1.25", "1.50", "1.75", "2.00"});
}

TEST_CASE("two panels of 15 x 7 inches, a box and a turned name per column") {
    const auto figure = roi::plot_boxplot({{table(108, 9), "ROI 1"}, {table(108, 9), "ROI 2"}});
    CHECK(figure.width() == 15.0);
    CHECK(figure.height() == 7.0);
    CHECK(medians(figure) == 18);
    CHECK(has_text(figure.scene(), "ROI 1"));
    CHECK(has_text(figure.scene(), "ROI 2"));
    int names = 0;
    for (const auto* text : items<roi::Text>(figure.scene())) {
        if (!text->text.starts_with("name ")) continue;
        CHECK(text->rotation == 25.0);
        CHECK(text->place.y < figure.scene().height);
        ++names;
    }
    CHECK(names == 18);
}

TEST_CASE("more than three panels stand in rows") {
    const auto panels = [](std::size_t count) {
        return std::vector<roi::BoxPanel>(count, {table(10, 2), "ROI"});
    };
    const auto size = [&](std::size_t count) {
        const auto figure = roi::plot_boxplot(panels(count));
        return std::pair{figure.width() / 7.5, figure.height() / 7.0};
    };
    CHECK(size(3) == std::pair{3.0, 1.0});
    CHECK(size(4) == std::pair{2.0, 2.0});
    CHECK(size(7) == std::pair{3.0, 3.0});
    CHECK(size(20) == std::pair{5.0, 4.0});

    const auto figure = roi::plot_boxplot(panels(7), {.y_label = "signal"});
    std::vector<roi::Place> titles, labels;
    for (const auto* text : items<roi::Text>(figure.scene())) {
        if (text->text == "ROI") titles.push_back(text->place);
        if (text->text == "signal") labels.push_back(text->place);
    }
    REQUIRE(titles.size() == 7);
    REQUIRE(labels.size() == 3);
    for (std::size_t i = 0; i < 7; ++i) {
        CHECK(titles[i].x == titles[i % 3].x);
        CHECK(titles[i].y == Approx(titles[0].y + 7.0 * 72.0 * static_cast<double>(i / 3)));
    }
    CHECK(labels[1].y == Approx(labels[0].y + 7.0 * 72.0));
}

TEST_CASE("a box lies between its quartiles on the axis, outliers beyond the whiskers") {
    roi::ConditionTable one;
    one.names = {"only"};
    one.values.resize(10, 1);
    one.values << 1, 2, 3, 4, 5, 6, 7, 8, 9, 30;
    const auto figure = roi::plot_boxplot(one, {.title = "T", .y_label = "signal"});
    CHECK(figure.width() == 7.5);
    CHECK(has_text(figure.scene(), "T"));
    CHECK(has_text(figure.scene(), "signal"));
    CHECK(circles(figure) == 1);
    const auto paths = items<roi::Path>(figure.scene());
    // The frame spans 1 - 1.45 to 30 + 1.45.
    const auto& frame = paths[0]->places;
    const auto height = [&](double value) {
        return frame[2].y - (value + 0.45) / 31.9 * (frame[2].y - frame[0].y);
    };
    bool found = false;
    for (const auto* path : paths) {
        if (path->closed && path->places.size() == 4 && path->width == 1.0) {
            CHECK(path->places[0].y == Approx(height(7.75)));
            CHECK(path->places[2].y == Approx(height(3.25)));
            found = true;
        }
        if (path->color.red == 255) CHECK(path->places[0].y == Approx(height(5.5)));
    }
    CHECK(found);
}

TEST_CASE("panels of one range, columns without a box, odd tables") {
    auto large = table(10, 2);
    large.values *= 100.0;
    const std::vector<roi::BoxPanel> panels{{table(10, 2), ""}, {large, ""}};
    CHECK(has_text(roi::plot_boxplot(panels).scene(), "4"));
    CHECK_FALSE(has_text(roi::plot_boxplot(panels, {.share_y = true}).scene(), "4"));

    auto gaps = table(5, 3);
    gaps.values(2, 1) = std::numeric_limits<double>::quiet_NaN();
    gaps.values(2, 2) = std::numeric_limits<double>::infinity();
    const auto figure = roi::plot_boxplot(gaps);
    CHECK(has_text(figure.scene(), "name 1"));
    CHECK(medians(figure) == 2);
    for (const auto* path : items<roi::Path>(figure.scene())) {
        for (const auto& place : path->places) CHECK(std::isfinite(place.x + place.y));
    }
    CHECK(medians(roi::plot_boxplot(roi::ConditionTable{})) == 0);
    const std::vector<roi::BoxPanel> uneven{{{{"many", {1, 2, 3, 4, 5, 100}}, {"one", {7}}, {"none", {}}}}};
    CHECK(medians(roi::plot_boxplot(uneven)) == 2);
    CHECK(circles(roi::plot_boxplot(uneven)) == 1);
    CHECK(medians(roi::plot_boxplot(table(0, 3))) == 0);
    auto constant = table(4, 1);
    constant.values.setConstant(500.0);
    CHECK(medians(roi::plot_boxplot(constant)) == 1);

    CHECK(medians(roi::plot_boxplot(table(5, 200))) == 200);
    auto unnamed = table(3, 2);
    unnamed.names.pop_back();
    CHECK(test::contains(test::message_of([&] { (void)roi::plot_boxplot(unnamed); }), "2 columns"));
    CHECK(test::contains(test::message_of([] { (void)roi::plot_boxplot(std::vector<roi::BoxPanel>{}); }),
                         "panels"));
    CHECK(test::contains(test::message_of([] {
                             (void)roi::plot_boxplot(table(2, 2), {.size = roi::FigureSize{-1, 2}});
                         }),
                         "size"));
}

TEST_CASE("long names get more room below, and end within the sheet") {
    auto wide = table(5, 3);
    wide.names[1] =
        "a very long name of a condition that nobody would write like that, or would they, in a table of "
        "data?";
    const auto figure = roi::plot_boxplot(wide);
    for (const auto* text : items<roi::Text>(figure.scene())) {
        if (text->rotation != 25.0) continue;
        const double half =
            0.5 * roi::detail::text_width(text->text, text->size) * std::sin(25.0 / 57.29578) + 5.0;
        CHECK(text->place.y + half <= figure.scene().height + 1e-6);
    }
}
