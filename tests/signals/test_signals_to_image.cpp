// Signals back as images: labels and maps, names, signals of regions that are not there.
#include <roi/signals/maps_of.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/signals/signals_to_image.hpp>
#include <roi/stream/collect.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <string>
#include <utility>
#include <vector>

namespace {

roi::Volume4D<double> volumes(roi::SignalImages images) {
    roi::Collect<double> collect;
    roi::scan(images, collect);
    return std::move(collect).result();
}

std::vector<double> values(const roi::Volume4D<double>& run, std::int64_t frame) {
    const auto volume = run.frame(frame).values();
    return {volume.begin(), volume.end()};
}

}  // namespace

TEST_CASE("signals_to_image: labels get their signal, found by number") {
    const roi::Labels atlas(roi::Shape(5, 1, 1), std::vector<std::int32_t>{5, 0, 2, 5, 7});
    roi::RegionNames names({{5, "V5"}});
    const auto regions = roi::labels_of(atlas, {.names = names});
    roi::DataTable table;
    table.add("label_2", std::vector<double>{1, 2}).add("V5", std::vector<double>{-3, 4});
    const auto run =
        volumes(roi::signals_to_image(roi::signals_of(table, regions), regions, {.t_r = roi::Seconds{2.5}}));
    CHECK(values(run, 0) == std::vector<double>{-3, 0, 1, -3, 0});
    CHECK(values(run, 1) == std::vector<double>{4, 0, 2, 4, 0});
    CHECK(roi::repetition_time(run.metadata()) == roi::Seconds{2.5});

    // Label 7 has no column.
    std::vector<std::string> said;
    (void)roi::signals_to_image(roi::signals_of(table, regions), regions,
                                {.warning = [&](std::string_view line) { said.emplace_back(line); }});
    CHECK(said ==
          std::vector<std::string>{"signals_to_image: 1 of 3 regions has no signal and is 0: label_7"});

    table.add("label_9", std::vector<double>{0, 0});
    const auto message =
        test::message_of<roi::InvalidArgument>([&] { (void)roi::signals_of(table, regions); });
    CHECK(test::contains(message, "\"label_9\""));
    CHECK(test::contains(message, "label_2, V5, label_7"));
    roi::Signals twice{{{roi::RegionKind::label, 5}, {roi::RegionKind::label, 5}},
                       Eigen::MatrixXd::Zero(1, 2)};
    CHECK(test::contains(
        test::message_of<roi::InvalidArgument>([&] { (void)roi::signals_to_image(twice, regions); }),
        "two signals"));
    const auto spheres = roi::spheres_at({{{0, 0, 0}, 1.0, ""}});
    CHECK_THROWS_AS(roi::signals_to_image({}, spheres), roi::InvalidArgument);
}

TEST_CASE("signals_to_image: maps add up") {
    const roi::Volume4D<double> maps(roi::Shape(6, 1, 1), 2,
                                     std::vector<double>{1, .5, .5, 0, 0, 0, 0, 0, 0, .25, 1, .75});
    const auto regions = roi::maps_of(maps);
    roi::DataTable table;
    table.add("map_1", std::vector<double>{2}).add("map_2", std::vector<double>{3});
    const auto run = volumes(roi::signals_to_image(roi::signals_of(table, regions), regions));
    CHECK(values(run, 0) == std::vector<double>{2, 1, 1, .75, 3, 2.25});
}

TEST_CASE("signals_to_image: spheres on the grid of a mask, as nilearn has them") {
    const auto regions =
        roi::spheres_at({{{1, 2, 2}, 1.0, "a"}, {{3, 2, 2}, 1.0, "b"}, {{0, 0, 0}, 0.0, "c"}});
    roi::DataTable table;
    table.add("b", std::vector<double>{20, 2}).add("sphere_1", std::vector<double>{10, 1});
    roi::Mask mask(roi::Shape(5, 5, 5), true);
    mask(3, 3, 2) = false;
    const auto run = volumes(roi::signals_to_image(roi::signals_of(table, regions), regions, {.mask = mask}));
    CHECK(run.frames() == 2);
    const auto at = [&](std::int64_t x, std::int64_t y, std::int64_t z) { return run.frame(0)(x, y, z); };
    CHECK(at(1, 2, 2) == 10.0);
    CHECK(at(0, 2, 2) == 10.0);
    CHECK(at(1, 1, 2) == 10.0);
    CHECK(at(2, 2, 2) == 15.0);
    CHECK(at(4, 2, 2) == 20.0);
    CHECK(at(3, 2, 1) == 20.0);
    CHECK(at(3, 3, 2) == 0.0);  // outside the mask
    CHECK(at(0, 0, 0) == 0.0);  // no signal
    CHECK(run.frame(1)(2, 2, 2) == 1.5);
    CHECK_THROWS_AS(
        roi::signals_to_image({}, roi::labels_of(roi::Labels(roi::Shape(2, 2, 2))), {.mask = mask}),
        roi::GridMismatch);
}

TEST_CASE("signals_to_image: and back again") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const roi::Grid grid({5, 4, 3}, roi::scaling({2.0, 2.0, 2.0}));
    roi::Labels atlas(grid);
    for (auto& label : atlas) label = static_cast<std::int32_t>(random() % 4);
    const auto regions = roi::labels_of(atlas);
    roi::Signals signals;
    signals.values = Eigen::MatrixXd::Random(7, 3);
    for (std::int64_t label = 1; label <= 3; ++label)
        signals.columns.push_back({roi::RegionKind::label, label});
    const auto back = roi::region_signals(roi::signals_to_image(signals, regions), regions);
    CHECK((back.values - signals.values).cwiseAbs().maxCoeff() < 1e-14);
}
