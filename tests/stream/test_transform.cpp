// Functions of runs: the values of every volume, in memory and streamed, runs that do not fit together.
#include <roi/image/comparison.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stream/cached.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/run_arithmetic.hpp>
#include <roi/stream/select.hpp>
#include <roi/stream/transform.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

using roi::Shape;

TEST_CASE("transform: the function of every voxel of every volume, streamed as in memory") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto a = test::random_run<float>(Shape(7, 6, 5), 40, random);
    const auto b = test::random_run<double>(Shape(7, 6, 5), 40, random);
    const auto c = test::random_run<std::int16_t>(Shape(7, 6, 5), 40, random);
    a.metadata().time_step = 2.5;
    const auto f = [](float x, double y, float z) { return x * y - z; };
    const auto out = roi::transform(f, a, b, c);
    static_assert(std::is_same_v<decltype(out), const roi::Volume4D<double>>);
    CHECK(out.metadata().time_step == 2.5);
    bool same = true;
    for (std::size_t i = 0; i < out.values().size(); ++i) {
        same = same && out.values()[i] == f(a.values()[i], b.values()[i], static_cast<float>(c.values()[i]));
    }
    CHECK(same);
    test::Account account;
    for (const int number : {1, 3}) {
        const test::Threads threads(number);
        account.pulled = 0;
        roi::Collect<double> kept;
        roi::scan(roi::transform(f, test::PlainSource<float>(a), test::PlainSource<double>(b),
                                 test::StoredSource(c, account)),
                  kept);
        CHECK(test::same_bytes(kept.result(), out));
    }
    // A source over a source over a source.
    const auto doubled =
        roi::transform([](double x) { return 2 * x; },
                       roi::transform(f, test::PlainSource<float>(a), test::PlainSource<double>(b),
                                      test::IntegerSource<std::int16_t>(c)));
    CHECK(doubled.frames() == 40);
}

TEST_CASE("transform: a source that can be scanned again can still") {
    test::Random random(test::seed());
    const auto a = test::random_run<float>(Shape(3, 2, 2), 5, random);
    auto source = roi::transform([](float x) { return x + 1; }, roi::staged(a));
    const auto once = roi::mean(source);
    CHECK(test::same_bytes(roi::mean(source), once));
}

TEST_CASE("transform: runs, volumes and numbers in any order, streamed as in memory") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(23, 19, 7);
    auto a = test::random_run<float>(shape, 21, random);
    const auto b = test::random_run<double>(shape, 21, random);
    const auto counts = test::random_run<std::int16_t>(shape, 21, random);
    const auto volume = test::random_volume<std::int32_t>(shape, random);
    const roi::Mask inside = volume > 100;
    a.metadata().time_step = 2.5;
    const auto f = [](int number, double of_volume, double x, float in, double y, double half) {
        return in > 0 ? number * x + of_volume - half * y : y;
    };
    const auto expected = roi::transform(f, 3, volume, a, inside, b, 0.5);
    static_assert(std::is_same_v<decltype(expected), const roi::Volume4D<double>>);
    CHECK(expected.metadata().time_step == 2.5);
    std::int64_t wrong = 0;
    for (std::int64_t t = 0; t < a.frames(); ++t) {
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            const auto at = static_cast<std::size_t>(t * shape.size() + i);
            const double value =
                inside[i] ? 3 * static_cast<double>(a.values()[at]) + volume[i] - 0.5 * b.values()[at]
                          : b.values()[at];
            wrong += expected.values()[at] != value;
        }
    }
    CHECK(wrong == 0);
    const auto kept = [](auto source) {
        roi::Collect<typename decltype(source)::value_type> run;
        roi::scan(source, run);
        return std::move(run).result();
    };
    for (const int number : {1, 3}) {
        const test::Threads threads(number);
        using Plain = test::PlainSource<float>;
        CHECK(test::same_bytes(kept(roi::transform(f, 3, volume, Plain(a), inside, b, 0.5)), expected));
        CHECK(test::same_bytes(
            kept(roi::transform(f, 3, volume, a, inside, test::PlainSource<double>(b), 0.5)), expected));
        // What has no name lives on in the result.
        CHECK(test::same_bytes(
            kept(roi::transform(f, 3, volume, Plain(a), inside, roi::Volume4D<double>(b), 0.5)), expected));
        auto again = roi::transform([](float x, float y) { return x - y; }, roi::staged(a),
                                    roi::Volume4D<std::int16_t>(counts));
        static_assert(roi::RangedSource<decltype(again)>);
        const auto difference = kept(again);
        CHECK(test::same_bytes(difference, kept(again)));
        CHECK(test::same_bytes(difference, a - counts));
        CHECK(test::same_bytes(difference, kept(roi::staged(a) - counts)));
        CHECK(test::same_bytes(difference, kept(roi::staged(a) - roi::Volume4D<std::int16_t>(counts))));
    }
}

TEST_CASE("transform_volumes: as many sources as there are") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto a = test::random_run<float>(Shape(4, 3, 2), 6, random),
               b = test::random_run<float>(Shape(4, 3, 2), 6, random);
    const auto largest = [](std::span<const std::span<const float>> volumes, std::span<double> out) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = volumes[0][i];
            for (const auto& volume : volumes) out[i] = std::max(out[i], static_cast<double>(volume[i]));
        }
    };
    std::vector<roi::detail::StagedReader<test::PlainSource<float>>> sources;
    sources.emplace_back(test::PlainSource<float>(a));
    sources.emplace_back(test::PlainSource<float>(b));
    roi::Collect<double> kept;
    roi::scan(roi::transform_volumes<double>(largest, std::move(sources)), kept);
    for (std::size_t i = 0; i < a.values().size(); ++i) {
        CHECK(kept.result().values()[i] == std::max(a.values()[i], b.values()[i]));
    }
}

TEST_CASE("transform: what is made range by range is what whole volumes give") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    // Some ranges and a part of one, several blocks of volumes.
    const Shape shape(23, 19, 17);
    const auto a = test::random_run<std::int16_t>(shape, 41, random);
    const auto b = test::random_run<float>(shape, 41, random);
    const auto f = [](float x, float y) { return static_cast<double>(x) * 2 - y; };
    const auto expected = roi::transform(f, a, b);
    const auto source = [&] {
        const auto inner = roi::transform([](float y) { return y / 1; }, roi::staged(b));
        static_assert(roi::RangedSource<std::remove_const_t<decltype(inner)>>);
        return roi::transform(f, roi::staged(a), inner);
    };
    // One that cannot make ranges shows whole volumes.
    const auto whole = [&] {
        return roi::transform(f, roi::staged(a), test::IntegerSource<std::int16_t>(a));
    };
    static_assert(!roi::RangedSource<decltype(whole())>);
    for (const int number : {1, 3}) {
        const test::Threads threads(number);
        CHECK(test::same_bytes(roi::mean(source()), roi::mean(expected)));
        CHECK(test::same_bytes(roi::mean(whole()), roi::mean(roi::transform(f, a, a))));
        roi::Collect<double> kept;
        roi::Mean mean;
        roi::scan(source(), kept, mean);
        CHECK(test::same_bytes(kept.result(), expected));
        CHECK(test::same_bytes(mean.result(), roi::mean(expected)));
        // Some volumes of two runs one after the other.
        const std::vector<std::int64_t> some{1, 2, 40, 44, 81};
        auto joined = roi::select(roi::concat(std::vector{source(), source()}), some);
        static_assert(roi::RangedSource<decltype(joined)>);
        CHECK(test::same_bytes(roi::mean(joined),
                               roi::mean(roi::select(roi::concat(expected, expected), some))));
        auto held = roi::cached(source());
        (void)roi::mean(held);
        CHECK(test::same_bytes(roi::mean(held), roi::mean(expected)));
    }
}

TEST_CASE("transform_ranges: any number of sources, beside volumes that are held") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(23, 19, 17);
    const auto a = test::random_run<float>(shape, 7, random), b = test::random_run<float>(shape, 7, random);
    const auto held = test::random_volume<float>(shape, random);
    const auto f = [&](auto values, roi::VoxelRange range, std::span<double> out) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = held.values()[static_cast<std::size_t>(range.first) + i];
            for (const auto& of : values) out[i] += of[i];
        }
    };
    std::vector<roi::Volume<float>> often(7, held);
    const auto beside = roi::concat(often);
    const auto expected = roi::transform(
        [](float h, float x, float y) { return static_cast<double>(h) + x + y; }, beside, a, b);
    using Source = decltype(roi::staged(a));
    for (const int number : {1, 3}) {
        const test::Threads threads(number);
        const auto of = [&] {
            return roi::transform_ranges<double>(f, std::vector<Source>{roi::staged(a), roi::staged(b)});
        };
        CHECK(test::same_bytes(roi::mean(of()), roi::mean(expected)));
        roi::Collect<double> kept;
        roi::scan(of(), kept);
        CHECK(test::same_bytes(kept.result(), expected));
    }
    // A source that only makes whole volumes is taken as well.
    const auto counts = test::random_run<std::int16_t>(shape, 7, random);
    roi::Collect<double> kept;
    roi::scan(roi::transform_ranges<double>(f, std::vector{test::IntegerSource<std::int16_t>(counts)}), kept);
    CHECK(test::same_bytes(
        kept.result(),
        roi::transform([](float h, float x) { return static_cast<double>(h) + x; }, beside, counts)));
}

TEST_CASE("transform: runs that do not fit together") {
    const roi::Volume4D<float> run(Shape(2, 2, 2), 3), shorter(Shape(2, 2, 2), 2),
        elsewhere(Shape(2, 2, 3), 3);
    const auto sum = [](float x, float y) { return x + y; };
    const auto message =
        test::message_of<roi::InvalidArgument>([&] { (void)roi::transform(sum, run, shorter); });
    CHECK(test::contains(message, "transform: run 0 and run 1 must have as many volumes, found 3 and 2"));
    CHECK_THROWS_AS(roi::transform(sum, run, elsewhere), roi::GridMismatch);
    const auto grids = test::message_of<roi::GridMismatch>(
        [&] { (void)roi::transform(sum, run, roi::Volume<float>(elsewhere.frame(0))); });
    CHECK(test::contains(grids, "transform: run 0 and volume 1"));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)roi::transform_volumes<float>(
                                 [](auto, auto) {}, std::vector<roi::detail::ResidentSource<float>>{});
                         }),
                         "transform_volumes: expected one source or more"));
}

TEST_CASE("transform: runs with different repetition times are taken together, and that is said") {
    roi::Volume4D<float> run(Shape(2, 2, 2), 3), slower(Shape(2, 2, 2), 3), untimed(Shape(2, 2, 2), 3);
    run.metadata().time_step = 2.0;
    slower.metadata().time_step = 3.0;
    for (auto* one : {&run, &slower}) one->metadata().time_unit = roi::TimeUnit::second;
    std::vector<std::string> said;
    const roi::ScanOptions options{.warning = [&](std::string_view line) { said.emplace_back(line); }};
    const auto scanned = [&](auto source) {
        said.clear();
        roi::Collect<float> kept;
        roi::scan(source, kept, options);
        return kept.result().metadata().time_step;
    };
    const auto sum = [](float x, float y) { return x + y; };
    const auto source = [](const roi::Volume4D<float>& of) { return roi::staged(of); };
    CHECK(scanned(roi::transform(sum, source(run), source(slower))) == 2.0);
    REQUIRE(said.size() == 1);
    CHECK(
        test::contains(said[0], "transform: the repetition times of run 0 and run 1 differ: 2 s and 3 s; "));
    (void)scanned(roi::transform(sum, source(run), source(untimed)));
    CHECK(said.empty());
    (void)scanned(roi::transform(sum, source(run), source(run)));
    CHECK(said.empty());
    const auto first = [](auto volumes, std::span<float> out) {
        std::copy(volumes[0].begin(), volumes[0].end(), out.begin());
    };
    using Source = decltype(source(run));
    (void)scanned(roi::transform_volumes<float>(
        first, std::vector<Source>{source(untimed), source(run), source(slower)}));
    REQUIRE(said.size() == 1);
    CHECK(test::contains(said[0], "transform_volumes: the repetition times of run 1 and run 2 differ"));
    (void)scanned(source(run) - source(slower));
    REQUIRE(said.size() == 1);
    CHECK(test::contains(said[0], "-: the repetition times"));
}
