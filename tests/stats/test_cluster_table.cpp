#include <roi/stats/cluster_table.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

using roi::Grid;
using roi::Shape;

namespace {

using Row = std::tuple<std::string, double, double, double, double, std::int64_t>;

std::vector<Row> rows(const roi::ClusterTable& table) {
    std::vector<Row> out;
    for (const auto& peak : table.peaks) {
        out.emplace_back(peak.id(), peak.position[0], peak.position[1], peak.position[2], peak.value,
                         peak.voxels);
    }
    return out;
}

/// The map of the first golden table.
roi::Volume<float> golden() {
    roi::Volume<float> out(Grid(Shape(9, 6, 4), roi::scaling({-3.0, 3.0, 4.0}, {12.0, -6.0, -8.0})));
    out(1, 1, 1) = 3.0f;
    out(1, 2, 1) = 5.0f;
    out(1, 3, 1) = 4.0f;
    out(2, 1, 1) = 3.5f;
    out(2, 2, 1) = 3.2f;
    out(2, 3, 1) = 6.0f;
    out(6, 2, 2) = out(7, 2, 2) = 4.0f;
    out(4, 5, 3) = 3.0f;
    out(8, 5, 0) = -7.0f;
    out(8, 4, 0) = -4.0f;
    out(0, 5, 3) = -3.5f;
    out(5, 0, 0) = std::numeric_limits<float>::quiet_NaN();
    return out;
}

roi::Volume<double> line(std::vector<double> values, double voxel = 2.0) {
    const Shape shape(static_cast<std::int64_t>(values.size()), 1, 1);
    return {Grid(shape, roi::scaling({voxel, voxel, voxel})), values};
}

}  // namespace

TEST_CASE("clusters are nilearn's rows") {
    CHECK(rows(roi::cluster_table(golden(), 3.0)) ==
          std::vector<Row>{{"1", 6, 3, -4, 6, 5}, {"2", -6, 0, 0, 4, 2}});
    const auto both = roi::cluster_table(golden(), 2.9, {.two_sided = true});
    CHECK(rows(both) == std::vector<Row>{{"1", 6, 3, -4, 6, 6},
                                         {"2", -6, 0, 0, 4, 2},
                                         {"3", 0, 9, 4, 3, 1},
                                         {"4", -12, 9, -8, -7, 2},
                                         {"5", 12, 9, 4, -3.5, 1}});
    CHECK(both.clusters(2, 2, 1) == 1);
    CHECK(both.clusters(8, 4, 0) == 4);
    CHECK(both.clusters(0, 5, 3) == 5);
    CHECK(both.clusters(0, 0, 0) == 0);
    CHECK(rows(roi::cluster_table(golden(), 2.9, {.two_sided = true, .min_size = 2})) ==
          std::vector<Row>{{"1", 6, 3, -4, 6, 6}, {"2", -6, 0, 0, 4, 2}, {"3", -12, 9, -8, -7, 2}});

    std::vector<std::string> warnings;
    roi::ClusterOptions options;
    options.warning = [&](std::string_view text) { warnings.emplace_back(text); };
    CHECK(roi::cluster_table(golden(), 20.0, options).peaks.empty());
    CHECK(warnings ==
          std::vector<std::string>{"cluster_table: 1 voxel in 1 volume is NaN: they lie in no cluster",
                                   "cluster_table: no cluster lies beyond 20"});
    CHECK(roi::to_table(roi::cluster_table(golden(), 20.0)).columns().size() == 6);
}

TEST_CASE("sub-peaks are kept from the highest down, none near to another") {
    roi::Volume<double> map(Grid(Shape(30, 3, 3), roi::scaling({2.0, 2.0, 2.0})));
    for (std::int64_t x = 0; x < 30; ++x) map(x, 1, 1) = 3.5;
    const std::array<double, 6> peaks{5, 9, 6, 8, 7, 9};
    for (std::size_t k = 0; k < 6; ++k) map(static_cast<std::int64_t>(5 * k + 1), 1, 1) = peaks[k];
    CHECK(rows(roi::cluster_table(map, 3.0)) == std::vector<Row>{{"1", 12, 2, 2, 9, 30},
                                                                 {"1a", 52, 2, 2, 9, 0},
                                                                 {"1b", 32, 2, 2, 8, 0},
                                                                 {"1c", 42, 2, 2, 7, 0}});
    // nilearn adds 2, 2, 2 here, which is 10 mm from the highest peak, because it was rejected once more later.
    CHECK(rows(roi::cluster_table(map, 3.0, {.min_distance = 10.0})) ==
          std::vector<Row>{{"1", 12, 2, 2, 9, 30}, {"1a", 52, 2, 2, 9, 0}, {"1b", 32, 2, 2, 8, 0}});
}

TEST_CASE("neighbouring peaks are one in their middle, rounded to even, or the nearest of them") {
    const auto of = [](const std::vector<double>& values) {
        return rows(roi::cluster_table(line(values, 1.0), 1.0, {.min_distance = 0.1}));
    };
    CHECK(of({0, 0, 0, 0, 0, 2, 3, 3, 2}) == std::vector<Row>{{"1", 6, 0, 0, 3, 4}});
    CHECK(of({0, 0, 2, 3, 3, 3, 3, 2}).front() ==
          Row{"1", 3, 0, 0, 3, 6});  // the inner ones are constant boxes
    CHECK(of({2, 2, 2}) == std::vector<Row>{{"1", 1, 0, 0, 2, 3}});

    roi::Volume<float> ring(Grid(Shape(7, 7, 1)));
    for (std::int64_t x = 1; x < 6; ++x) {
        for (std::int64_t y = 1; y < 6; ++y)
            ring(x, y, 0) = x == 1 || x == 5 || y == 1 || y == 5 ? 2.0f : 0.0f;
    }
    CHECK(rows(roi::cluster_table(ring, 1.0)) == std::vector<Row>{{"1", 1, 3, 0, 2, 16}});
}

TEST_CASE("equal clusters are ordered by size, then by first voxel; ids go on for the other side") {
    CHECK(rows(roi::cluster_table(line({4, 0, 4, 3, 0, 4}, 1.0), 2.0)) ==
          std::vector<Row>{{"1", 2, 0, 0, 4, 2}, {"2", 0, 0, 0, 4, 1}, {"3", 5, 0, 0, 4, 1}});
    CHECK(rows(roi::cluster_table(line({-2, 0, -3}, 1.0), 1.0, {.two_sided = true})) ==
          std::vector<Row>{{"1", 2, 0, 0, -3, 1}, {"2", 0, 0, 0, -2, 1}});
    // A negative threshold alone looks at what lies below it.
    CHECK(rows(roi::cluster_table(line({-2, 0, -3, 5}, 1.0), -2.0)) ==
          std::vector<Row>{{"1", 2, 0, 0, -3, 1}});
    CHECK(rows(roi::cluster_table(line({0, 1, 0}, 1.0), 0.0)) == std::vector<Row>{{"1", 1, 0, 0, 1, 1}});
    // One rule for both: a voxel equal to the threshold neither counts nor joins.
    CHECK(roi::cluster_table(line({4, 3, 5, 3, 6}), 3.0, {.min_size = 5}).peaks.empty());
    CHECK(rows(roi::cluster_table(line({4, 3, 5, 3, 6}, 1.0), 3.0)).size() == 3);
}

TEST_CASE("any integer map has clusters, connected as asked") {
    roi::Volume<std::int16_t> map(Shape(3, 3, 1));
    map(0, 0, 0) = 5;
    map(1, 1, 0) = 4;
    CHECK(roi::cluster_table(map, 1.0).peaks.size() == 2);
    const auto joined = roi::cluster_table(map, 1.0, {.connectivity = roi::Connectivity::corners});
    REQUIRE(joined.peaks.size() == 1);
    CHECK(joined.peaks[0].voxels == 2);
    CHECK(roi::cluster_table(roi::Volume<float>(Shape(0, 2, 2)), 1.0).peaks.empty());
}

TEST_CASE("infinite voxels in clusters are counted, for a peak of inf is no finding") {
    constexpr double inf = std::numeric_limits<double>::infinity();
    std::vector<std::string> said;
    const roi::ClusterOptions how{.two_sided = true,
                                  .warning = [&](std::string_view line) { said.emplace_back(line); }};
    const auto told = [&](std::vector<double> values, const roi::ClusterOptions& options) {
        said.clear();
        (void)roi::cluster_table(line(std::move(values)), 3.0, options);
        return said;
    };
    REQUIRE(told({0, inf, 4, 0, -inf, 0}, how).size() == 1);
    CHECK(said[0] ==
          "cluster_table: 2 voxels in clusters are infinite, as t and -log10 p are where a voxel does not "
          "vary or "
          "fits perfectly: a peak of inf is no finding there; leave such voxels out by a mask");
    auto one_side = how;
    one_side.two_sided = false;
    REQUIRE(told({0, inf, 4, 0, -inf, 0}, one_side).size() == 1);
    CHECK(said[0].starts_with("cluster_table: 1 voxel in a cluster is infinite, "));
    // What lies in no cluster is not counted.
    one_side.min_size = 2;
    CHECK(told({0, inf, 0, 4, 4, -inf}, one_side).empty());
    CHECK(told({0, 5, 4, 0, -4, 0}, how).empty());
}

TEST_CASE("an atlas on any grid names peaks and shares clusters out") {
    roi::Labels atlas(Grid(Shape(3, 1, 1), roi::scaling({4.0, 4.0, 4.0}, {1.0, 0.0, 0.0})));
    atlas[0] = 7;
    atlas[1] = 3;
    const auto map = line({5, 2, 2, 2, 2, 4, 0, 3});  // 0 to 14 mm
    roi::ClusterOptions options;
    options.atlas = atlas;
    options.names = roi::RegionNames({{7, "Left"}});
    std::vector<std::string> said;
    options.warning = [&](std::string_view line) { said.emplace_back(line); };
    const auto found = roi::cluster_table(map, 1.0, options);
    CHECK(said ==
          std::vector<std::string>{"names: 1 of 2 regions has no name: 3",
                                   "cluster_table: 1 of 7 voxels in clusters lies outside the atlas"});
    REQUIRE(found.peaks.size() == 3);
    CHECK(found.peaks[0].label == 7);
    CHECK(found.peaks[1].label == std::nullopt);  // 10 mm: in the atlas's background
    CHECK(found.peaks[2].label == std::nullopt);  // 14 mm: outside the atlas
    REQUIRE(found.peaks[0].shares.size() == 3);
    CHECK(found.peaks[0].shares[0].label == 3);  // 4 and 6 mm
    CHECK(found.peaks[0].shares[0].voxels == 2);
    CHECK(found.peaks[0].shares[1].label == 7);
    CHECK(found.peaks[0].shares[2].label == std::nullopt);
    CHECK(found.peaks[0].shares[2].voxels == 2);
    CHECK(found.peaks[0].shares[2].share == Approx(1.0 / 3.0));
    CHECK(found.peaks[1].shares.empty());
    CHECK_FALSE(found.peaks[0].shares[2].outside);  // 8 and 10 mm are of label 0
    REQUIRE(found.peaks[2].shares.size() == 1);
    CHECK(found.peaks[2].shares[0].outside);
    const auto shares = roi::format_table(roi::shares_table(found), roi::TableFormat::tsv);
    CHECK(test::contains(shares, "\n1\tn/a\t33.3"));
    CHECK(test::contains(shares, "\n2\toutside\t100\n"));
    CHECK(roi::format_table(roi::to_table(found), roi::TableFormat::tsv) ==
          "id\tx\ty\tz\tpeak\tmm3\tregion\n1\t0\t0\t0\t5\t48\tLeft\n1a\t10\t0\t0\t4\tn/a\tn/a\n"
          "2\t14\t0\t0\t3\t8\tn/a\n");
    CHECK(roi::format_table(roi::shares_table(found), roi::TableFormat::tsv).find("1\tlabel_3\t33.3") !=
          std::string::npos);
    CHECK(roi::to_table(roi::cluster_table(map, 1.0)).columns().back().name == "mm3");
}

TEST_CASE("what makes no table of clusters is refused") {
    const auto map = line({1, 2, 3});
    CHECK_THROWS_AS(roi::cluster_table(map, std::numeric_limits<double>::quiet_NaN()), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::cluster_table(map, -1.0, {.two_sided = true}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::cluster_table(map, 1.0, {.min_distance = 0.0}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::cluster_table(map, 1.0, {.connectivity = roi::Structure().iterated(2)}),
                    roi::InvalidArgument);
}

TEST_CASE("cluster_table takes an atlas of any whole numbers, and looks at views without a copy") {
    const auto map = line({5, 2, 2, 0, 2, 4, 0, 3});
    const auto table = [&](roi::ClusterAtlas atlas, roi::WarningHandler warning = {}) {
        const auto found = roi::cluster_table(map, 1.0,
                                              {.atlas = std::move(atlas),
                                               .names = roi::RegionNames({{7, "Left"}, {9, "Gone"}}),
                                               .warning = warning});
        return roi::format_table(roi::to_table(found), roi::TableFormat::tsv) +
               roi::format_table(roi::shares_table(found), roi::TableFormat::tsv);
    };
    const std::vector<std::int64_t> numbers{7, 7, 3, 0, 3, 3, 0, 7};
    const auto as = [&]<class T>(T) {
        roi::Volume<T> out(map.grid());
        std::copy(numbers.begin(), numbers.end(), out.begin());
        return out;
    };
    auto labels = as(std::int32_t{});
    const auto expected = table(labels);
    CHECK(test::contains(expected, "Left"));
    CHECK(test::contains(expected, "label_3"));
    CHECK(table(as(std::uint8_t{})) == expected);
    CHECK(table(as(std::int16_t{})) == expected);
    CHECK(table(as(std::int64_t{})) == expected);
    CHECK(table(as(std::uint64_t{})) == expected);
    CHECK(table(labels.view()) == expected);
    // A view is no copy, a volume is one.
    const roi::ClusterAtlas copy(labels), view(labels.view());
    labels[0] = 3;
    CHECK(copy[0] == 7);
    CHECK(view[0] == 3);
    CHECK(view.occurring() == std::vector<std::int64_t>{3, 7});

    std::vector<std::string> said;
    (void)table(copy, [&](std::string_view text) { said.emplace_back(text); });
    CHECK(said == std::vector<std::string>{"names: 1 of 2 regions has no name: 3",
                                           "names: 1 of 2 names is that of no region: 9 \"Gone\""});

    auto large = as(std::uint64_t{});
    large[0] = std::numeric_limits<std::uint64_t>::max();
    CHECK(test::message_of<roi::InvalidArgument>([&] { (void)table(large); }) ==
          "cluster_table: `.atlas`: expected labels up to 9223372036854775807, found "
          "18446744073709551615; give that region a smaller number");
}
