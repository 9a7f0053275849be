// Keeping voxels while a run passes: the values of the run, for every source and number of threads.
#include <roi/stream/keep_voxels.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cstdint>
#include <type_traits>
#include <utility>

using roi::Shape;

static_assert(roi::VoxelSink<roi::KeepVoxels<float>, float>);
static_assert(roi::VoxelSink<roi::KeepVoxels<double>, double>);
static_assert(!roi::Sink<roi::KeepVoxels<float>, double>);

TEST_CASE("keep_voxels: the values of the run, whatever the mask, source and threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const std::int64_t frames : {0, 1, 16, 33}) {
        roi::Volume4D<std::int16_t> stored(Shape(27, 23, 29), frames);
        for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 3000);
        const auto run = test::converted<float>(stored);
        for (const double density : {0.0, 0.001, 0.3, 1.0}) {
            const auto mask = test::random_volume<bool>(run.grid(), random, density);
            roi::KeepVoxels<float> sink(mask);
            const auto check = [&](auto&& source) {
                roi::scan(source, sink);
                const auto& kept = sink.result();
                REQUIRE(kept.frames() == frames);
                bool same = true;
                for (std::int64_t t = 0; t < frames; ++t) {
                    const auto values = kept.frame(t);
                    REQUIRE(values.size() == kept.voxels().size());
                    for (std::size_t i = 0; i < values.size(); ++i) {
                        same = same && values[i] == run.frame(t).data()[kept.voxels()[i]];
                    }
                }
                CHECK(same);
            };
            for (const int threads : {1, 2, 5}) {
                INFO(frames << " volumes, density " << density << ", " << threads << " threads");
                const test::Threads number(threads);
                test::Account account;
                check(run);
                check(test::PlainSource<float>(run));
                check(test::StoredSource(stored, account));
            }
        }
    }
}

TEST_CASE("keep_voxels: a result is moved out of a sink that is no longer needed") {
    const roi::Volume4D<double> run(Shape(4, 4, 4), 3, 2.5);
    roi::KeepVoxels<double> sink(roi::Mask(Shape(4, 4, 4), true));
    roi::scan(run, sink);
    const double* memory = sink.result().frame(0).data();
    const auto kept = std::move(sink).result();
    CHECK(kept.frame(0).data() == memory);
    CHECK(kept.frame(2)[63] == 2.5);
}

TEST_CASE("keep_voxels: mask and run must lie on one grid") {
    const roi::Volume4D<float> run(roi::Grid({4, 4, 4}, roi::scaling({2, 2, 2})), 3);
    const auto message = test::message_of<roi::GridMismatch>([&] {
        roi::KeepVoxels<float> sink(roi::Mask(roi::Grid({4, 4, 5}, roi::scaling({3, 3, 3}))));
        roi::scan(run, sink);
    });
    CHECK(test::contains(message, "mask and run"));
    CHECK(test::contains(message, "4 x 4 x 4"));
    CHECK(test::contains(message, "4 x 4 x 5"));
    CHECK(test::contains(message, "[2 0 0 0; 0 2 0 0; 0 0 2 0; 0 0 0 1]"));
    CHECK(test::contains(message, "[3 0 0 0; 0 3 0 0; 0 0 3 0; 0 0 0 1]"));
}
