#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stream/collect.hpp>

#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

TEST_CASE("collect: the run that was scanned, whatever the number of threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const std::int64_t frames : {0, 1, 15, 16, 17, 40}) {
        auto run = test::random_run<float>(roi::Grid(roi::Shape(23, 19, 29), roi::scaling({2, 3, 4})), frames,
                                           random);
        run.metadata().description = "a run";
        for (const int threads : {1, 2, 5}) {
            const test::Threads number(threads);
            roi::Collect collect;
            roi::scan(test::PlainSource<float>(run), collect);
            CHECK(collect.result().grid() == run.grid());
            CHECK(collect.result().frames() == frames);
            CHECK(collect.result().metadata() == run.metadata());
            CHECK(test::same_bytes<float>(collect.result().values(), run.values()));

            const auto moved = std::move(collect).result();
            CHECK(moved.frames() == frames);
        }
    }
}

TEST_CASE("collect: of a smoothed source, the smoothed run, also beside sinks that need less") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    roi::Volume4D<std::int16_t> stored(roi::Grid(roi::Shape(9, 8, 7), roi::scaling({2, 2, 2})), 21);
    for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 3000);
    const roi::Fwhm fwhm(4.0);
    const auto expected = roi::smooth(test::converted<float>(stored), fwhm);

    roi::Collect collect;
    roi::Mean mean;
    roi::scan(roi::smooth(test::IntegerSource<std::int16_t>(stored), fwhm), mean, collect);
    CHECK(test::same_bytes<float>(collect.result().values(), expected.values()));
}

TEST_CASE("collect: several at once, of a smoothed, a plain and an in-memory source") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run =
        test::random_run<float>(roi::Grid(roi::Shape(9, 8, 7), roi::scaling({2, 2, 2})), 21, random);
    const roi::Fwhm fwhm(4.0);
    for (const int threads : {1, 3}) {
        const test::Threads number(threads);
        roi::Collect first, second;
        roi::scan(run, first, second);
        CHECK(test::same_bytes<float>(first.result().values(), run.values()));
        CHECK(test::same_bytes<float>(second.result().values(), run.values()));
        roi::scan(test::PlainSource<float>(run), first, second);
        CHECK(test::same_bytes<float>(first.result().values(), run.values()));
        CHECK(test::same_bytes<float>(second.result().values(), run.values()));
        roi::scan(roi::smooth(test::PlainSource<float>(run), fwhm), first, second);
        const auto smoothed = roi::smooth(run, fwhm);
        CHECK(test::same_bytes<float>(first.result().values(), smoothed.values()));
        CHECK(test::same_bytes<float>(second.result().values(), first.result().values()));
    }
}

namespace {

/// Keeps volumes of its choice and notes where it was shown them.
struct KeepSome {
    void begin(const roi::ScanInfo& info) {
        voxels = static_cast<std::size_t>(info.grid.size());
        memory.assign(static_cast<std::size_t>(info.frames) * voxels, -1.0f);
    }
    [[nodiscard]] static bool wants(std::int64_t frame) { return frame % 2 == 0; }
    [[nodiscard]] std::span<float> place(std::int64_t frame) {
        return {memory.data() + static_cast<std::size_t>(frame) * voxels, voxels};
    }
    void frame(std::int64_t frame, std::span<const float> values) {
        in_place += values.data() == place(frame).data();
        ++shown;
    }

    std::size_t voxels = 0;
    std::vector<float> memory;
    int in_place = 0, shown = 0;
};

}  // namespace

TEST_CASE(
    "collect: a sink with a place gets smoothed volumes made there, and nothing that it does not want") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run =
        test::random_run<float>(roi::Grid(roi::Shape(9, 8, 7), roi::scaling({2, 2, 2})), 21, random);
    const roi::Fwhm fwhm(4.0);
    const auto smoothed = roi::smooth(run, fwhm);
    KeepSome some;
    roi::Collect all;
    roi::scan(roi::smooth(test::PlainSource<float>(run), fwhm), some, all);
    CHECK(some.shown == 11);
    CHECK(some.in_place == 11);
    CHECK(test::same_bytes<float>(all.result().values(), smoothed.values()));
    for (std::int64_t frame = 0; frame < run.frames(); ++frame) {
        INFO("volume " << frame);
        const auto place = some.place(frame);
        if (KeepSome::wants(frame)) {
            CHECK(test::same_bytes<float>(place, smoothed.frame(frame).values()));
        } else {
            CHECK(std::count(place.begin(), place.end(), -1.0f) == std::ssize(place));
        }
    }
}

TEST_CASE("collect: runs of double") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<double>(roi::Shape(3, 4, 5), 6, random);
    roi::Collect<double> collect;
    roi::scan(run, collect);
    CHECK(test::same_bytes<double>(collect.result().values(), run.values()));
}
