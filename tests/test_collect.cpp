#include <roi/collect.hpp>
#include <roi/mean.hpp>
#include <roi/smooth.hpp>

#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cstdint>
#include <utility>

TEST_CASE("collect: the run that was scanned, whatever the number of threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const std::int64_t frames : {0, 1, 15, 16, 17, 40}) {
        auto run = test::random_run<float>(roi::Grid(roi::Shape(13, 11, 12), roi::scaling({2, 3, 4})), frames,
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

TEST_CASE("collect: runs of double") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<double>(roi::Shape(3, 4, 5), 6, random);
    roi::Collect<double> collect;
    roi::scan(run, collect);
    CHECK(test::same_bytes<double>(collect.result().values(), run.values()));
}
