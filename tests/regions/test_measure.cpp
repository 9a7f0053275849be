#include <roi/image/logical.hpp>
#include <roi/regions/measure.hpp>
#include <roi/regions/region_statistic.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numbers>
#include <random>
#include <vector>

using roi::Labels;
using roi::Measurements;
using roi::Point;
using roi::Shape;

namespace {

using Counts = std::vector<std::int64_t>;
using Voxel = std::array<std::int64_t, 3>;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Values as NumPy writes them: x outermost, z fastest.
template <class T>
roi::Volume<T> written(const Shape& shape, const std::vector<T>& values) {
    roi::Volume<T> out(shape);
    auto value = values.begin();
    for (std::int64_t x = 0; x < shape.x(); ++x) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            for (std::int64_t z = 0; z < shape.z(); ++z) out(x, y, z) = *value++;
        }
    }
    return out;
}

roi::Volume<double> golden_values() {
    return written<double>(Shape(3, 2, 2), {3, 1.5, -2, 4, 4, .25, 4, 1, 7, -2, std::numbers::pi, 2.5});
}
Labels golden_labels() { return written<std::int32_t>(Shape(3, 2, 2), {1, 1, 2, 1, 1, 0, 2, 2, 5, 2, 0, 1}); }

template <class T>
roi::Volume<T> line(const std::vector<T>& values) {
    return roi::Volume<T>(Shape(static_cast<std::int64_t>(values.size()), 1, 1), values);
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool same(const Measurements& a, const Measurements& b) {
    bool out = static_cast<const roi::Region&>(a) == static_cast<const roi::Region&>(b) &&
               a.numbers == b.numbers && a.min_position == b.min_position &&
               a.max_position == b.max_position && a.histogram == b.histogram &&
               a.percentiles.size() == b.percentiles.size();
    for (const auto& [x, y] : {std::pair{a.sum, b.sum},
                               {a.mean, b.mean},
                               {a.variance, b.variance},
                               {a.min, b.min},
                               {a.max, b.max},
                               {a.median, b.median},
                               {a.center_of_mass[0], b.center_of_mass[0]}}) {
        out = out && same(x, y);
    }
    for (std::size_t i = 0; out && i < a.percentiles.size(); ++i)
        out = same(a.percentiles[i], b.percentiles[i]);
    return out;
}

}  // namespace

TEST_CASE("measurements by label are SciPy's, but for ties and labels that do not occur") {
    roi::MeasureOptions options;
    options.labels = {1, 2, 3, 5};
    options.percentiles = {10.0, 25.0, 75.0, 95.0};
    options.histogram = roi::Bins{-2.0, 4.0, 3};
    const auto found = roi::measure(golden_values(), golden_labels(), options);
    REQUIRE(found.size() == 4);

    const auto& one = found[0];
    CHECK(one.label == 1);
    CHECK(one.size == 5);
    CHECK(one.numbers == 5);
    CHECK(one.sum == 15.0);
    CHECK(one.mean == 3.0);
    CHECK(one.variance == Approx(0.9).epsilon(1e-15));
    CHECK(one.std == Approx(0.9486832980505138).epsilon(1e-15));
    CHECK(one.median == 3.0);
    CHECK(one.min == 1.5);
    CHECK(one.max == 4.0);
    CHECK(one.min_position == Voxel{0, 0, 1});
    CHECK(one.max_position == Voxel{0, 1, 1});  // the first; SciPy's list form says (1, 0, 0)
    CHECK(one.center_of_mass[0] == Approx(0.6).epsilon(1e-15));
    CHECK(one.center_of_mass[1] == Approx(.43333333333333335).epsilon(1e-15));
    CHECK(one.center_of_mass[2] == Approx(.5333333333333333).epsilon(1e-15));
    CHECK(one.percentiles == std::vector<double>{1.9, 2.5, 4.0, 4.0});
    CHECK(one.histogram == Counts{0, 1, 4});
    CHECK(one.first == Voxel{0, 0, 0});
    CHECK(one.shape == Shape(3, 2, 2));

    const auto& two = found[1];
    CHECK(two.sum == 1.0);
    CHECK(two.mean == 0.25);
    CHECK(two.variance == 6.1875);
    CHECK(two.std == Approx(2.48746859276655).epsilon(1e-15));
    CHECK(two.median == -0.5);
    CHECK(two.min == -2.0);
    CHECK(two.min_position == Voxel{0, 1, 0});
    CHECK(two.max_position == Voxel{1, 1, 0});
    CHECK(two.center_of_mass == Point(1.0, 3.0, -1.0));
    CHECK(two.percentiles[0] == -2.0);
    CHECK(two.percentiles[2] == 1.75);
    CHECK(two.percentiles[3] == Approx(3.549999999999999).epsilon(1e-15));
    CHECK(two.histogram == Counts{2, 1, 1});

    const auto& three = found[2];
    CHECK(three.label == 3);
    CHECK(three.size == 0);
    CHECK(three.sum == 0.0);
    for (const double value : {three.mean, three.variance, three.std, three.min, three.max, three.median,
                               three.center_of_mass[1], three.percentiles[3]}) {
        CHECK(std::isnan(value));
    }
    CHECK(!three.min_position);
    CHECK(three.histogram == Counts{0, 0, 0});
    CHECK(three.shape.size() == 0);

    CHECK(found[3].median == 7.0);
    CHECK(found[3].variance == 0.0);
    CHECK(found[3].first == Voxel{2, 0, 0});
    CHECK(found[3].shape == Shape(1, 1, 1));
    CHECK(found[3].center_of_mass == Point(2.0, 0.0, 0.0));
}

TEST_CASE("the variance of values far from zero, and of a constant that binary cannot hold") {
    roi::Volume<double> values(Shape(10, 10, 10), 0.1);
    const roi::Labels labels(values.grid(), 1);
    CHECK(roi::measure(values, labels)[0].variance == 0.0);
    for (std::int64_t i = 0; i < values.size(); ++i) values[i] = 1e15 + static_cast<double>(i % 2);
    CHECK(roi::measure(values, labels)[0].variance == 0.25);
}

TEST_CASE("a mask pools its voxels, and a map of truths is one of zeros and ones") {
    roi::MeasureOptions options;
    options.histogram = roi::Bins{-2.0, 4.0, 3};
    const auto pooled = roi::measure(golden_values(), golden_labels() != 0, options);
    REQUIRE(pooled.size() == 1);
    CHECK(pooled[0].label == 1);
    CHECK(pooled[0].sum == 23.0);
    CHECK(pooled[0].mean == 2.3);
    CHECK(pooled[0].variance == Approx(7.06).epsilon(1e-14));
    CHECK(pooled[0].median == 2.75);
    CHECK(pooled[0].histogram == Counts{2, 2, 5});
    const auto all = roi::measure(golden_values(), roi::Mask(Shape(3, 2, 2), true));
    CHECK(all[0].mean == Approx(2.1992993877991496).epsilon(1e-15));
    CHECK(all[0].std == Approx(2.5064764583475343).epsilon(1e-15));
    const auto truths = roi::measure(golden_values() > 2.0, golden_labels());
    CHECK(truths[0].sum == 4.0);
    CHECK(truths[1].mean == 0.25);
}

TEST_CASE("labels are asked for in any order, twice, and 0 is one of them") {
    roi::MeasureOptions options;
    options.labels = {5, 0, 300, 5, -1};
    const auto labels = line<std::uint8_t>({5, 0, 5, 44, 0, 255});
    const auto found = roi::measure(line<std::int16_t>({1, 2, 4, 8, 16, 32}), labels, options);
    REQUIRE(found.size() == 5);
    CHECK(found[0].sum == 5.0);
    CHECK(found[1].sum == 18.0);
    CHECK(found[2].size == 0);  // 300 is not 44
    CHECK(found[2].label == 300);
    CHECK(found[3].sum == 5.0);
    CHECK(found[4].size == 0);  // -1 is not 255
    CHECK(roi::measure(line<double>({1.0}), Labels(Shape(1, 1, 1))).empty());
    CHECK(roi::measure(roi::Volume<float>(Shape(0, 3, 2)), Labels(Shape(0, 3, 2))).empty());
}

TEST_CASE("NaN shows in what depends on it, or is left out when that is asked for") {
    const auto values =
        line<float>({1.0f, static_cast<float>(missing), 3.0f, 2.0f, 5.0f, static_cast<float>(missing)});
    const auto labels = line<std::int32_t>({1, 1, 1, 1, 2, 3});
    roi::MeasureOptions options;
    options.percentiles = {50.0};
    options.histogram = roi::Bins{0.0, 4.0, 2};
    const auto found = roi::measure(values, labels, options);
    for (const double value : {found[0].sum, found[0].mean, found[0].variance, found[0].median, found[0].min,
                               found[0].max, found[0].center_of_mass[0], found[0].percentiles[0]}) {
        CHECK(std::isnan(value));
    }
    CHECK(found[0].size == 4);
    CHECK(found[0].numbers == 3);
    CHECK(found[0].min_position == Voxel{0, 0, 0});
    CHECK(found[0].max_position == Voxel{2, 0, 0});
    CHECK(found[0].histogram == Counts{1, 2});
    CHECK(found[1].mean == 5.0);
    CHECK(!found[2].max_position);

    options.omit_nan = true;
    const auto omitted = roi::measure(values, labels, options);
    CHECK(omitted[0].sum == 6.0);
    CHECK(omitted[0].mean == 2.0);
    CHECK(omitted[0].variance == Approx(2.0 / 3.0).epsilon(1e-15));
    CHECK(omitted[0].median == 2.0);
    CHECK(omitted[0].percentiles[0] == 2.0);
    CHECK(omitted[0].center_of_mass[0] == 2.0);
    CHECK(omitted[2].size == 1);
    CHECK(omitted[2].sum == 0.0);
    CHECK(std::isnan(omitted[2].mean));
    CHECK(std::isnan(omitted[2].median));
}

TEST_CASE("infinite values are values, and weights that cancel have no centre") {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const auto found = roi::measure(line<double>({infinite, 1.0, -1.0, 1.0, 1e300, 1e300}),
                                    line<std::int8_t>({1, 1, 2, 2, 3, 3}));
    CHECK(found[0].mean == infinite);
    CHECK(std::isnan(found[0].variance));
    CHECK(found[0].max == infinite);
    CHECK(found[0].median == infinite);
    CHECK(found[1].mean == 0.0);
    CHECK(std::isnan(found[1].center_of_mass[0]));
    CHECK(found[2].variance == 0.0);
}

TEST_CASE("bins are NumPy's at their edges") {
    roi::MeasureOptions options;
    options.histogram = roi::Bins{0.0, 1.0, 10};
    std::vector<double> edges;
    for (int i = 0; i <= 10; ++i) edges.push_back(i == 10 ? 1.0 : 0.1 * i);
    const auto count = static_cast<std::int64_t>(edges.size());
    const auto found = roi::measure(line(edges), roi::Mask(Shape(count, 1, 1), true), options);
    CHECK(found[0].histogram == Counts{1, 1, 1, 1, 1, 1, 1, 1, 1, 2});
}

TEST_CASE("measurements of random labels are those of brute force, and the same for any number of threads") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    roi::MeasureOptions options;
    options.percentiles = {0.0, 33.0, 50.0, 100.0};
    options.histogram = roi::Bins{-1.0, 1.0, 5};
    for (int round = 0; round < 60; ++round) {
        const Shape shape = round % 10 == 0 ? Shape(40, 20, 30) : test::random_shape(random);
        auto values = test::random_volume<float>(shape, random);
        for (float& value : values) value = round % 3 == 0 ? std::round(2.0f * value) : value;  // ties
        Labels labels(shape);
        std::uniform_int_distribution<int> label(-2, round % 7);
        for (std::int64_t i = 0; i < labels.size(); ++i) {
            // Brute force is slow: most of a large volume is background.
            if (shape.voxel(i)[0] < 9) labels[i] = 3 * label(random);
        }

        struct Found {
            std::vector<double> values;
            double moment = 0.0;
            Voxel min{}, max{};
        };
        std::map<std::int64_t, Found> expected;
        for (std::int64_t x = 0; x < shape.x(); ++x) {
            for (std::int64_t y = 0; y < shape.y(); ++y) {
                for (std::int64_t z = 0; z < shape.z(); ++z) {
                    if (labels(x, y, z) == 0) continue;
                    auto& entry = expected[labels(x, y, z)];
                    const double value = values(x, y, z);
                    const auto [low, high] = std::minmax_element(entry.values.begin(), entry.values.end());
                    if (entry.values.empty() || value < *low) entry.min = {x, y, z};
                    if (entry.values.empty() || value > *high) entry.max = {x, y, z};
                    entry.values.push_back(value);
                    entry.moment += value * static_cast<double>(y);
                }
            }
        }
        const auto found = roi::measure(values, labels, options);
        REQUIRE(found.size() == expected.size());
        std::size_t at = 0;
        for (auto& [number, entry] : expected) {
            const auto& row = found[at++];
            const auto count = static_cast<double>(entry.values.size());
            double sum = 0.0, squares = 0.0;
            for (const double value : entry.values) sum += value;
            for (const double value : entry.values) squares += (value - sum / count) * (value - sum / count);
            std::sort(entry.values.begin(), entry.values.end());
            const std::size_t half = entry.values.size() / 2;
            const double median = entry.values.size() % 2 == 1
                                      ? entry.values[half]
                                      : 0.5 * (entry.values[half - 1] + entry.values[half]);
            CHECK(row.label == number);
            CHECK(row.size == static_cast<std::int64_t>(entry.values.size()));
            CHECK(row.sum == Approx(sum).margin(1e-11));
            CHECK(row.variance == Approx(squares / count).epsilon(1e-12).margin(1e-15));
            CHECK(row.min == entry.values.front());
            CHECK(row.max == entry.values.back());
            CHECK(row.min_position == entry.min);
            CHECK(row.max_position == entry.max);
            CHECK(row.median == median);
            CHECK(row.percentiles[0] == row.min);
            CHECK(row.percentiles[2] == median);
            CHECK(row.percentiles[3] == row.max);
            if (std::abs(sum) > 1e-6)
                CHECK(row.center_of_mass[1] == Approx(entry.moment / sum).epsilon(1e-9));
        }
        const auto places = roi::regions(labels);
        for (std::size_t i = 0; i < places.size(); ++i) {
            CHECK(static_cast<const roi::Region&>(found[i]) == places[i]);
        }
        for (const int threads : {1, 3}) {
            options.threads = threads;
            const auto again = roi::measure(values, labels, options);
            for (std::size_t i = 0; i < found.size(); ++i) REQUIRE(same(again[i], found[i]));
        }
    }
}

TEST_CASE("what cannot be measured is refused") {
    const auto values = line<double>({1.0, 2.0});
    const auto refused = [&](const roi::MeasureOptions& options) {
        return test::message_of<roi::InvalidArgument>([&] {
            (void)roi::measure(values, line<std::int32_t>({1, 1}), options);
        });
    };
    roi::MeasureOptions options;
    options.percentiles = {101.0};
    CHECK(test::contains(refused(options), "percentiles are from 0 to 100, found 101"));
    options.percentiles = {missing};
    CHECK(test::contains(refused(options), "found nan"));
    options.percentiles = {};
    options.histogram = roi::Bins{1.0, 1.0, 3};
    CHECK(test::contains(refused(options),
                         "measure: `histogram`: expected 1 to 16777216 bins between two numbers"));
    options.histogram = roi::Bins{0.0, 1.0, 0};
    CHECK(test::contains(refused(options), "bins between two numbers"));
    options.histogram = {};
    options.threads = -1;
    CHECK(test::contains(refused(options), "threads"));
    CHECK_THROWS_AS(roi::measure(values, Labels(Shape(3, 1, 1))), roi::GridMismatch);
}

TEST_CASE("measurements become a table, in millimetres and with names") {
    roi::Labels labels(roi::Grid(Shape(4, 2, 1), roi::scaling({2.0, 3.0, 4.0}, {-1.0, 0.0, 0.0})));
    roi::Volume<float> values(labels.grid());
    labels(1, 0, 0) = labels(2, 0, 0) = 7;
    labels(3, 1, 0) = -2;
    values(1, 0, 0) = 1.5f;
    values(2, 0, 0) = 2.5f;
    values(3, 1, 0) = static_cast<float>(missing);
    const roi::RegionNames names({{7, "Left"}});
    CHECK(
        roi::format_table(roi::to_table(roi::regions(labels), labels.grid(), names), roi::TableFormat::tsv) ==
        "label\tname\tvoxels\tmm3\tx\ty\tz\ti0\ti1\tj0\tj1\tk0\tk1\n"
        "-2\tlabel_-2\t1\t24\t5\t3\t0\t3\t4\t1\t2\t0\t1\n7\tLeft\t2\t48\t2\t0\t0\t1\t3\t0\t1\t0\t1\n");
    roi::MeasureOptions options;
    options.labels = {7, 9, -2};
    options.omit_nan = true;
    const auto found = roi::measure(values, labels, options);
    CHECK(roi::format_table(roi::to_table(found, labels.grid(), names), roi::TableFormat::csv) ==
          "label,name,voxels,mm3,x,y,z,i0,i1,j0,j1,k0,k1,sum,mean,std,min,max,median,peak_x,peak_y,peak_z\n"
          "7,Left,2,48,2,0,0,1,3,0,1,0,1,4,2,0.5,1.5,2.5,2,3,0,0\n"
          "9,label_9,0,0,n/a,n/a,n/a,n/a,n/a,n/a,n/a,n/a,n/a,0,n/a,n/a,n/a,n/a,n/a,n/a,n/a,n/a\n"
          "-2,label_-2,1,24,5,3,0,3,4,1,2,0,1,n/a,n/a,n/a,n/a,n/a,n/a,n/a,n/a,n/a\n");
}

TEST_CASE("a table of measurements holds what else was asked for") {
    roi::Labels labels(roi::Grid(Shape(5, 1, 2), roi::scaling({2.0, 3.0, 4.0}, {-1.0, 1.0, 0.0})));
    roi::Volume<float> values(labels.grid());
    for (std::int64_t x = 1; x < 5; ++x) {
        labels(x, 0, 1) = 3;
        values(x, 0, 1) = static_cast<float>(x * x);  // 1, 4, 9, 16
    }
    roi::MeasureOptions options;
    options.labels = {3, 4};
    options.percentiles = {50.0, 12.5};
    options.histogram = roi::Bins{-1.0, 9.0, 4};
    const auto found = roi::measure(values, labels, options);
    const roi::MeasurementColumns columns{true, options.percentiles, options.histogram};
    const auto table = roi::to_table(found, labels.grid(), {}, columns);
    CHECK(table.columns().size() == 13 + 9 + 14 + 2 + 4);
    // Weighted: (1 + 8 + 27 + 64) / 30 = 100 / 30 voxels along x.
    const std::vector<std::pair<const char*, double>> expected{{"median", 6.5},
                                                               {"peak_x", 7.0},
                                                               {"variance", 32.25},
                                                               {"count", 4.0},
                                                               {"mass_x", 200.0 / 30.0 - 1.0},
                                                               {"mass_y", 1.0},
                                                               {"mass_z", 4.0},
                                                               {"min_x", 1.0},
                                                               {"min_y", 1.0},
                                                               {"min_z", 4.0},
                                                               {"min_i", 1.0},
                                                               {"min_j", 0.0},
                                                               {"min_k", 1.0},
                                                               {"peak_i", 4.0},
                                                               {"peak_j", 0.0},
                                                               {"peak_k", 1.0},
                                                               {"percentile50", 6.5},
                                                               {"percentile12.5", 2.125},
                                                               {"bin_-1_1.5", 1.0},
                                                               {"bin_1.5_4", 0.0},
                                                               {"bin_4_6.5", 1.0},
                                                               {"bin_6.5_9", 1.0}};
    for (const auto& [name, value] : expected) {
        CAPTURE(name);
        CHECK(std::abs(table.numbers(name)[0] - value) < 1e-13);
    }
    // What no voxel has: counts are 0, the rest is missing.
    CHECK(table.numbers("count")[1] == 0.0);
    CHECK(table.numbers("bin_4_6.5")[1] == 0.0);
    CHECK(std::isnan(table.numbers("min_i")[1]));
    CHECK(std::isnan(table.numbers("mass_x")[1]));
    CHECK(std::isnan(table.numbers("percentile50")[1]));

    const auto refused = [&](const roi::MeasurementColumns& other) {
        return test::message_of<roi::InvalidArgument>(
            [&] { (void)roi::to_table(found, labels.grid(), {}, other); });
    };
    CHECK(test::contains(refused({false, {50.0}, {}}), "that `measure` was asked for"));
    CHECK(test::contains(refused({false, {}, roi::Bins{0.0, 1.0, 3}}), "that `measure` was asked for"));
    CHECK(test::contains(refused({false, {50.0, 50.0}, {}}), "two columns are called \"percentile50\""));
}

TEST_CASE("sum, mean and variance are those of region statistics to the bit") {
    const Shape shape(67, 9, 8);
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    std::normal_distribution<double> normal(1e6, 1.0);
    std::uniform_int_distribution<std::int32_t> any(0, 40);
    roi::Volume<double> values(shape);
    Labels labels(shape);
    for (double& value : values) value = normal(random);
    for (std::int32_t& label : labels) label = any(random);
    values(60, 3, 3) = missing;
    for (const int threads : {1, 3}) {
        roi::MeasureOptions options;
        options.omit_nan = true;
        options.threads = threads;
        for (const auto& row : roi::measure(values, labels, options)) {
            std::vector<double> of_region;
            for (std::int64_t x = 0; x < shape.x(); ++x) {
                for (std::int64_t y = 0; y < shape.y(); ++y) {
                    for (std::int64_t z = 0; z < shape.z(); ++z) {
                        const double value = values(x, y, z);
                        if (labels(x, y, z) == row.label && !std::isnan(value)) of_region.push_back(value);
                    }
                }
            }
            INFO("label " << row.label << ", threads " << threads);
            CHECK(row.sum == roi::sum_of(of_region));
            CHECK(row.mean == roi::mean_of(of_region));
            CHECK(row.variance == roi::variance_of(of_region));
            CHECK(row.std == roi::std_of(of_region));
        }
    }
}

TEST_CASE("values of regions are gathered alike however many are taken at a time") {
    const Shape shape(70, 6, 5);
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    std::uniform_int_distribution<std::int32_t> any(0, 30);
    roi::Volume<float> values(shape);
    Labels labels(shape);
    float next = 0.0F;
    for (float& value : values) value = next++;
    for (std::int32_t& label : labels) label = any(random);
    const roi::detail::LabelIndex<std::int32_t> index(labels.view());
    roi::detail::RegionPass<std::int32_t, float> pass(labels.data(), values.data(), shape, index);
    pass.add_up();
    std::vector<std::int64_t> starts;
    const auto expected = pass.gathered(starts);
    for (const std::int64_t most : {1, 100, 300}) {
        std::vector<std::int64_t> again;
        const auto found = pass.gathered(again, most);
        CHECK(again == starts);
        CHECK(std::equal(found.span().begin(), found.span().end(), expected.span().begin(),
                         expected.span().end()));
    }
}

TEST_CASE("a label that a row cannot state is refused") {
    const auto values = line<double>({1, 2});
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)roi::measure(values, line<std::uint64_t>({~std::uint64_t{0}, 1}));
                         }),
                         "measure: expected labels up to 9223372036854775807, found 18446744073709551615"));
    CHECK(roi::measure(values, line<std::uint64_t>({7, 1}))[1].label == 7);
}
