// The contract of sources: what counts as one, and what the two-stage forms of runs and plain sources do.
#include <roi/stream/source.hpp>

#include "catch.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

using Plain = test::PlainSource<float>;

static_assert(roi::SequentialSource<Plain>);
static_assert(!roi::StagedSource<Plain>);
static_assert(roi::StagedSource<test::StoredSource>);
static_assert(!roi::SequentialSource<test::StoredSource>);
static_assert(roi::StreamedSource<Plain>);
static_assert(roi::StreamedSource<Plain&>);
static_assert(roi::StreamedSource<test::StoredSource>);
static_assert(!roi::StreamedSource<roi::Volume4D<float>>);
static_assert(roi::FrameSource<Plain>);
static_assert(roi::FrameSource<Plain&>);
static_assert(roi::FrameSource<test::StoredSource>);
static_assert(roi::FrameSource<roi::Volume4D<float>>);
static_assert(roi::FrameSource<const roi::Volume4D<double>&>);
static_assert(roi::FrameSource<roi::Volume4D<std::int16_t>>);
static_assert(roi::FrameSource<roi::Volume4D<bool>>);
static_assert(!roi::FrameSource<roi::Volume<float>>);
static_assert(!roi::FrameSource<std::vector<float>>);

// A two-stage source is used as it is, the others are wrapped.
static_assert(
    std::is_same_v<decltype(roi::staged(std::declval<test::StoredSource&>())), test::StoredSource&>);
static_assert(roi::StagedSource<std::remove_cvref_t<decltype(roi::staged(std::declval<Plain&>()))>>);
static_assert(
    roi::StagedSource<std::remove_cvref_t<decltype(roi::staged(std::declval<roi::Volume4D<double>&>()))>>);

TEST_CASE("frame_source: a run in memory is not copied and needs no reading ahead") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<float>(roi::Shape(3, 4, 2), 3, random);
    auto frames = roi::staged(run);
    using Frames = decltype(frames);
    CHECK_FALSE(frames.reads_ahead());
    CHECK(frames.frames() == 3);
    CHECK(frames.grid() == run.grid());
    Frames::Workspace work;
    std::vector<float> out(24);
    roi::RawFrame raw;
    for (std::int64_t t = 0; t < 3; ++t) {
        frames.pull(raw);
        CHECK(raw.index == t);
        CHECK(raw.bytes.size() == 0);
        CHECK(frames.convert(raw, out, work).data() == run.frame(t).data());
    }
}

TEST_CASE("frame_source: integers in memory are shown as the smallest real type that holds them") {
    const auto check = [](auto value, auto shown) {
        using Stored = decltype(value);
        using Shown = decltype(shown);
        const std::vector<Stored> values{1, 2, 3, value};
        const roi::Volume4D<Stored> run(roi::Shape(2, 1, 1), 2, values);
        auto frames = roi::staged(run);
        using Frames = decltype(frames);
        static_assert(roi::StagedSource<Frames> && roi::StoredSource<Frames> &&
                      roi::RewindableSource<Frames>);
        static_assert(std::is_same_v<typename Frames::value_type, Shown>);
        typename Frames::Workspace work;
        std::vector<Shown> out(2);
        roi::RawFrame raw;
        for (int pass = 0; pass < 2; ++pass) {
            frames.rewind();
            frames.pull(raw);
            frames.pull(raw);
            CHECK(raw.index == 1);
            CHECK(frames.convert(raw, out, work).data() == out.data());
            CHECK(out == std::vector<Shown>{3, static_cast<Shown>(value)});
        }
        bool visited = false;
        CHECK(frames.visit_stored([&](auto stored) { visited = std::is_same_v<decltype(stored), Stored>; }));
        CHECK(visited);
        CHECK(frames.template stored<Stored>(raw).data() == run.frame(1).data());
    };
    check(std::int8_t{-128}, 0.0F);
    check(std::uint16_t{65535}, 0.0F);
    check(std::int32_t{2147483647}, 0.0);
    check(std::uint64_t{1} << 53U, 0.0);

    // What smoothing has to clean first is not shown as stored.
    const roi::Volume4D<double> run(roi::Shape(2, 1, 1), 2, 1.0);
    CHECK_FALSE(roi::staged(run).visit_stored([](auto) { FAIL("real numbers were visited"); }));
}

TEST_CASE("frame_source: a plain source is read into memory that is used again") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<float>(roi::Shape(3, 4, 2), 3, random);
    Plain source(run);
    auto frames = roi::staged(source);
    using Frames = decltype(frames);
    CHECK(frames.reads_ahead());
    Frames::Workspace work;
    std::vector<float> out(24);
    roi::RawFrame raw;
    const std::byte* memory = nullptr;
    for (std::int64_t t = 0; t < 3; ++t) {
        frames.pull(raw);
        if (t == 0) memory = raw.bytes.data();
        CHECK(raw.bytes.data() == memory);
        CHECK(raw.index == t);
        const auto values = frames.convert(raw, out, work);
        const auto expected = run.frame(t).values();
        CHECK(std::equal(values.begin(), values.end(), expected.begin(), expected.end()));
    }
    CHECK(source.reads() == 3);
}
