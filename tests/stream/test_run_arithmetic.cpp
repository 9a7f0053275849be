// Runs calculated with: values and types as of volumes, streamed as in memory, what does not fit together.
#include <roi/image/arithmetic.hpp>
#include <roi/image/comparison.hpp>
#include <roi/stream/repeated.hpp>
#include <roi/stream/run_arithmetic.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

using roi::Shape;

namespace {

template <class T>
roi::Volume4D<T> timed(std::int64_t frames, test::Random& random) {
    auto out = test::random_run<T>(Shape(5, 4, 3), frames, random);
    out.metadata().time_step = 2.5;
    return out;
}

template <class Source>
auto collected(Source source) {
    roi::Collect<typename Source::value_type> kept;
    roi::scan(source, kept);
    return std::move(kept).result();
}

/// Checks a run volume by volume, which the arithmetic of volumes gives.
template <class Run, class Of>
void check_volumes(const Run& run, const Of& of) {
    for (std::int64_t t = 0; t < run.frames(); ++t) {
        const auto expected = of(t);
        static_assert(std::is_same_v<typename Run::value_type, typename decltype(of(t))::value_type>);
        CHECK(test::same_bytes(roi::Volume<typename Run::value_type>(run.frame(t)), expected));
    }
}

}  // namespace

TEST_CASE("run arithmetic: every volume is what the arithmetic of volumes gives") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto a = timed<float>(4, random), b = timed<float>(4, random);
    const auto c = timed<double>(4, random);
    const auto volume = test::random_volume<float>(a.grid(), random);
    const auto large = test::random_volume<std::int32_t>(a.grid(), random);
    check_volumes(a - b, [&](std::int64_t t) { return a.frame(t) - b.frame(t); });
    check_volumes(a * c, [&](std::int64_t t) { return a.frame(t) * c.frame(t); });
    check_volumes(a / volume, [&](std::int64_t t) { return a.frame(t) / volume; });
    check_volumes(volume + a, [&](std::int64_t t) { return volume + a.frame(t); });
    check_volumes(a * 0.1, [&](std::int64_t t) { return a.frame(t) * 0.1; });
    check_volumes(2 / a, [&](std::int64_t t) { return 2 / a.frame(t); });
    check_volumes(-a, [&](std::int64_t t) { return -a.frame(t); });
    check_volumes(roi::abs(-a), [&](std::int64_t t) { return roi::abs(a.frame(t)); });
    check_volumes(roi::sqrt(a), [&](std::int64_t t) { return roi::sqrt(a.frame(t)); });
    check_volumes(roi::exp(a / 100.0), [&](std::int64_t t) { return roi::exp(a.frame(t) / 100.0); });
    check_volumes(roi::pow(a, 1.5), [&](std::int64_t t) { return roi::pow(a.frame(t), 1.5); });
    check_volumes(roi::pow(2, c), [&](std::int64_t t) { return roi::pow(2, c.frame(t)); });
    check_volumes(roi::pow(a, volume), [&](std::int64_t t) { return roi::pow(a.frame(t), volume); });
    check_volumes(roi::pow(a, b), [&](std::int64_t t) { return roi::pow(a.frame(t), b.frame(t)); });
    CHECK(test::same_bytes(collected(roi::pow(test::PlainSource<float>(a), 2)), roi::pow(a, 2)));
    check_volumes(roi::log(a), [&](std::int64_t t) { return roi::log(a.frame(t)); });
    // Integers of 32 bits need double beside float, masks count as 0 and 1.
    static_assert(std::is_same_v<decltype(a + large), roi::Volume4D<double>>);
    const auto sum = a + large;
    CHECK(sum(2, 1, 0, 2) == static_cast<double>(a(2, 1, 0, 2)) + static_cast<double>(large(2, 1, 0)));
    const roi::Mask inside = volume > 100.0f;
    check_volumes(a * inside, [&](std::int64_t t) { return a.frame(t) * inside; });
}

TEST_CASE("run arithmetic: the smaller and the larger of two, streamed as in memory") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto a = timed<float>(4, random);
    const auto b = timed<float>(4, random);
    const auto c = timed<double>(4, random);
    const auto whole = timed<std::int16_t>(4, random);
    const auto volume = test::random_volume<float>(a.grid(), random);
    a(1, 2, 1, 3) = std::nanf("");
    check_volumes(roi::minimum(a, b), [&](std::int64_t t) { return roi::minimum(a.frame(t), b.frame(t)); });
    check_volumes(roi::maximum(a, b), [&](std::int64_t t) { return roi::maximum(a.frame(t), b.frame(t)); });
    check_volumes(roi::maximum(c, a), [&](std::int64_t t) { return roi::maximum(c.frame(t), a.frame(t)); });
    check_volumes(roi::minimum(a, volume), [&](std::int64_t t) { return roi::minimum(a.frame(t), volume); });
    check_volumes(roi::maximum(volume, a), [&](std::int64_t t) { return roi::maximum(volume, a.frame(t)); });
    check_volumes(roi::minimum(a, 0.1), [&](std::int64_t t) { return roi::minimum(a.frame(t), 0.1); });
    check_volumes(roi::maximum(100, a), [&](std::int64_t t) { return roi::maximum(100, a.frame(t)); });
    static_assert(std::is_same_v<decltype(roi::minimum(whole, 2)), roi::Volume4D<float>>);
    CHECK(roi::minimum(whole, -1000)(1, 2, 1, 2) ==
          static_cast<float>(std::min<int>(whole(1, 2, 1, 2), -1000)));
    CHECK(std::isnan(roi::minimum(a, b)(1, 2, 1, 3)));
    CHECK(std::isnan(roi::minimum(b, a)(1, 2, 1, 3)));
    CHECK(roi::maximum(a, 0.0).metadata().time_step == 2.5);
    for (const int number : {1, 3}) {
        const test::Threads threads(number);
        using Source = test::PlainSource<float>;
        CHECK(test::same_bytes(collected(roi::maximum(roi::minimum(Source(a), Source(b)), volume)),
                               roi::maximum(roi::minimum(a, b), volume)));
        CHECK(test::same_bytes(collected(roi::minimum(7, Source(a))), roi::minimum(7, a)));
    }
    CHECK(test::contains(
        test::message_of<roi::InvalidArgument>([&] { (void)roi::minimum(a, timed<float>(2, random)); }),
        "minimum: run 0 and run 1 must have as many volumes, found 4 and 2"));
}

TEST_CASE("run arithmetic: the header fields are those of the run, whichever side it stands on") {
    test::Random random(test::seed());
    const auto run = timed<float>(3, random);
    const auto volume = test::random_volume<float>(run.grid(), random);
    CHECK((volume - run).metadata().time_step == 2.5);
    CHECK((run - volume).metadata().time_step == 2.5);
    CHECK((run * 2).metadata().time_step == 2.5);
    CHECK((run - volume).grid() == run.grid());
}

TEST_CASE("run arithmetic: of sources a source, with the same bytes for any number of threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto a = timed<float>(40, random), b = timed<float>(40, random);
    const auto volume = test::random_volume<float>(a.grid(), random);
    using Source = test::PlainSource<float>;
    using roi::operator-;
    const auto expected = (a - b) / volume * 2.0;
    for (const int number : {1, 3}) {
        const test::Threads threads(number);
        CHECK(test::same_bytes(collected((Source(a) - Source(b)) / volume * 2.0), expected));
    }
    // What can be scanned again is a source that can.
    auto again = roi::staged(a) - roi::staged(b);
    const auto first = collected(again);
    CHECK(test::same_bytes(first, collected(again)));
    CHECK(test::same_bytes(first, a - b));
}

TEST_CASE("run arithmetic: comparisons are 1 where those of volumes hold") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto a = timed<float>(4, random);
    const auto b = timed<double>(4, random);
    const auto whole = timed<std::int16_t>(4, random);
    const auto volume = test::random_volume<float>(a.grid(), random);
    a(1, 2, 1, 3) = std::nanf("");
    a(2, 2, 1, 3) = volume(2, 2, 1);
    a(3, 2, 1, 3) = 0.1f;
    const auto ones = [](const roi::Mask& mask) { return roi::as<float>(mask); };
    check_volumes(a > volume, [&](std::int64_t t) { return ones(a.frame(t) > volume); });
    check_volumes(volume <= a, [&](std::int64_t t) { return ones(volume <= a.frame(t)); });
    check_volumes(a != volume, [&](std::int64_t t) { return ones(a.frame(t) != volume); });
    check_volumes(a == 0.1, [&](std::int64_t t) { return ones(a.frame(t) == 0.1); });
    check_volumes(100 < a, [&](std::int64_t t) { return ones(100 < a.frame(t)); });
    check_volumes(a >= b, [&](std::int64_t t) { return ones(a.frame(t) >= b.frame(t)); });
    check_volumes(whole < 2.5, [&](std::int64_t t) { return ones(whole.frame(t) < 2.5); });
    const roi::Mask inside = volume > 100.0f;
    check_volumes(inside == a, [&](std::int64_t t) { return ones(inside == a.frame(t)); });
    CHECK((a == 0.1)(3, 2, 1, 3) == 1.0f);
    CHECK((a != volume)(1, 2, 1, 3) == 1.0f);
    CHECK((a >= volume)(1, 2, 1, 3) == 0.0f);
    CHECK((a == volume)(2, 2, 1, 3) == 1.0f);
    // Of sources a source, which goes on in a calculation.
    const auto kept = a * (a > volume);
    for (const int threads : {1, 3}) {
        const test::Threads number(threads);
        const auto streamed = collected(test::PlainSource<float>(a) * (test::PlainSource<float>(a) > volume));
        CHECK(test::same_bytes(streamed, kept));
    }
}

TEST_CASE("run arithmetic: integers in memory become real numbers, in views as in runs") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = timed<std::int16_t>(3, random);
    const auto doubled = run.view() + run;
    static_assert(std::is_same_v<decltype(doubled), const roi::Volume4D<float>>);
    CHECK(doubled(1, 2, 1, 2) == 2.0f * static_cast<float>(run(1, 2, 1, 2)));

    // Products of whole numbers are whole to the last digit, as those of volumes.
    roi::Volume4D<std::int16_t> large(Shape(2, 1, 1), 2, std::int16_t{32767});
    const roi::Volume<std::int16_t> volume(large.frame(0));
    const double exact = 32767.0 * 32767.0;
    CHECK(collected(large * large)(0, 0, 0, 1) == exact);
    CHECK(collected(large.view() * volume)(1, 0, 0, 0) == exact);
    CHECK((volume * volume)(0, 0, 0) == exact);
    const roi::Volume4D<std::uint8_t> bytes(Shape(2, 1, 1), 2, std::uint8_t{255});
    static_assert(std::is_same_v<decltype(bytes * large), roi::Volume4D<float>>);
    CHECK((bytes * large)(0, 0, 0, 0) == 255.0f * 32767.0f);
    static_assert(std::is_same_v<decltype(large / large), roi::Volume4D<float>>);
}

TEST_CASE("run arithmetic: runs that do not fit together are refused") {
    test::Random random(test::seed());
    const auto a = timed<float>(3, random), shorter = timed<float>(2, random);
    const roi::Volume<float> elsewhere(roi::Grid(Shape(5, 4, 3), roi::scaling({2, 2, 2})));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { (void)(a - shorter); }),
                         "-: run 0 and run 1 must have as many volumes, found 3 and 2"));
    CHECK(test::contains(test::message_of<roi::GridMismatch>([&] { (void)(a - elsewhere); }),
                         "-: run 0 and volume 1"));
    CHECK(test::contains(test::message_of<roi::GridMismatch>([&] { (void)(elsewhere < a); }),
                         "comparison: volume 0 and run 1"));
    CHECK_THROWS_AS(roi::repeated(elsewhere, -1), roi::InvalidArgument);
    CHECK(collected(roi::repeated(elsewhere, 0)).frames() == 0);
}

TEST_CASE("runs of masks are calculated with as 0 and 1") {
    const Shape shape(2, 1, 1);
    roi::Volume4D<bool> masks(shape, 3, false);
    masks.data()[0] = masks.data()[3] = masks.data()[4] = true;  // (1, 0), (0, 1), (1, 0)
    const roi::Volume4D<float> run(shape, 3, std::vector<float>{1, 2, 3, 4, 5, 6});
    const roi::Volume<float> volume(shape, std::vector<float>{10, 20});
    const auto values = [](const auto& image) {
        return std::vector<double>(image.data(), image.data() + image.size());
    };
    using Numbers = std::vector<double>;
    CHECK(values(masks + masks) == Numbers{2, 0, 0, 2, 2, 0});
    CHECK(values(1 - masks) == Numbers{0, 1, 1, 0, 0, 1});
    CHECK(values(run * masks) == Numbers{1, 0, 0, 4, 5, 0});
    CHECK(values(masks * volume) == Numbers{10, 0, 0, 20, 10, 0});
    CHECK(values(masks == masks) == Numbers{1, 1, 1, 1, 1, 1});
    CHECK(values(roi::transform([](float mask, float value) { return mask > 0 ? -value : value; }, masks,
                                run)) == Numbers{-1, 2, 3, -4, -5, 6});
}
