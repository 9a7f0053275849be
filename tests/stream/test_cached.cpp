// A source that keeps what it has read: read once, scanned as often as asked, always from the first volume.
#include <roi/io.hpp>
#include <roi/signals/labels_masker.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/cached.hpp>

#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cstdint>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

using roi::Shape;
using Integers = test::IntegerSource<std::int16_t>;

static_assert(roi::StagedSource<roi::Cached<Integers>>);
static_assert(roi::StoredSource<roi::Cached<Integers>>);
static_assert(!roi::StoredSource<roi::Cached<test::StoredSource>>);
static_assert(roi::RewindableSource<roi::Cached<test::StoredSource>>);
static_assert(roi::RewindableSource<roi::Smoothed<roi::Cached<Integers>>>);
static_assert(!roi::RewindableSource<roi::Smoothed<Integers>>);

namespace {

/// Numbers of the volumes that were shown, and their first voxels; fails at one of them on request.
struct Seen {
    std::int64_t fails_at = -1;
    std::vector<std::int64_t> frames;
    std::vector<float> values;

    void begin(const roi::ScanInfo&) {
        frames.clear();
        values.clear();
    }
    void frame(std::int64_t index, std::span<const float> volume) {
        if (index == fails_at) throw std::runtime_error("the sink is full");
        frames.push_back(index);
        values.push_back(volume[0]);
    }
};

/// A run in which volume t is t everywhere.
roi::Volume4D<std::int16_t> counting(const Shape& shape, std::int64_t frames) {
    roi::Volume4D<std::int16_t> run(roi::Grid(shape, roi::scaling({2, 2, 2})), frames);
    for (std::int64_t i = 0; i < run.size(); ++i) run.data()[i] = static_cast<std::int16_t>(i / shape.size());
    return run;
}

}  // namespace

TEST_CASE("cached: the source is read once, and every scan sees the whole run in order") {
    for (const std::int64_t frames : {0, 1, 16, 40}) {
        const auto stored = counting(Shape(3, 3, 3), frames);
        std::vector<std::int64_t> all(static_cast<std::size_t>(frames));
        std::iota(all.begin(), all.end(), 0);
        for (const int threads : {1, 3}) {
            INFO(frames << " volumes, " << threads << " threads");
            const test::Threads number(threads);
            test::Account account;
            auto source = roi::cached(test::StoredSource(stored, account));
            CHECK(source.reads_ahead() == (frames > 0));
            for (int pass = 1; pass <= 3; ++pass) {
                Seen seen;
                roi::scan(source, seen);
                CHECK(seen.frames == all);
                CHECK(seen.values == std::vector<float>(all.begin(), all.end()));
                CHECK(account.pulled == frames);
                CHECK(static_cast<std::int64_t>(account.buffers.size()) == frames);
                CHECK(static_cast<std::int64_t>(account.converted.size()) == pass * frames);
            }
            CHECK_FALSE(source.reads_ahead());
        }
    }
}

TEST_CASE("cached: a scan that failed half-way does not show in the next") {
    const auto run = test::converted<float>(counting(Shape(3, 3, 3), 40));
    std::vector<std::int64_t> all(40);
    std::iota(all.begin(), all.end(), 0);
    for (const int threads : {1, 3}) {
        INFO(threads << " threads");
        const test::Threads number(threads);
        auto source = roi::cached(test::PlainSource<float>(run));
        Seen seen;
        seen.fails_at = 21;
        CHECK(test::message_of<std::runtime_error>([&] { roi::scan(source, seen); }) == "the sink is full");
        seen.fails_at = -1;
        roi::scan(source, seen);
        CHECK(seen.frames == all);
        CHECK(seen.values == std::vector<float>(all.begin(), all.end()));
    }
}

TEST_CASE("cached: what the source throws arrives") {
    const auto run = test::converted<float>(counting(Shape(3, 3, 3), 40));
    auto source = roi::cached(test::PlainSource<float>(run, 20));
    Seen seen;
    for (int pass = 0; pass < 2; ++pass) {
        CHECK(test::message_of<std::runtime_error>([&] { roi::scan(source, seen); }) ==
              "the disk is on fire");
    }
}

TEST_CASE("cached: smoothed, the same bytes as the source alone, in every scan") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    roi::Volume4D<std::int16_t> stored(roi::Grid(Shape(9, 8, 7), roi::scaling({2, 2, 2})), 30);
    for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 3000);
    stored.metadata().description = "stored";
    const roi::Fwhm fwhm(4.0);
    const auto mean = roi::mean(roi::smooth(Integers(stored), fwhm));
    std::vector<bool> chosen(30);
    for (std::size_t t = 0; t < 30; ++t) chosen[t] = t % 3 == 0;
    const roi::Selection first(chosen);
    const auto test = roi::ttest_ind(roi::smooth(stored, fwhm), first, !first);
    roi::Labels atlas(stored.grid(), 0);
    atlas(4, 4, 3) = atlas(5, 4, 3) = 2;
    atlas(1, 6, 5) = 1;
    const Eigen::MatrixXd signals = roi::labels_masker(atlas).transform(roi::smooth(stored, fwhm));

    for (const int threads : {1, 2, 5}) {
        INFO(threads << " threads");
        const test::Threads number(threads);
        auto frames = roi::smooth(roi::cached(Integers(stored)), fwhm);
        CHECK(frames.metadata().description == "stored");
        for (int pass = 0; pass < 2; ++pass) {
            CHECK(test::same_bytes(roi::mean(frames), mean));
            const auto maps = roi::ttest_ind(frames, first, !first);
            CHECK(test::same_bytes(maps.t, test.t));
            CHECK(test::same_bytes(maps.p, test.p));
            CHECK(roi::labels_masker(atlas).transform(frames) == signals);
        }
    }
}

TEST_CASE("cached: a file, decompressed once") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const test::TemporaryFolder folder;
    const auto run = test::random_run<float>(roi::Grid(Shape(5, 4, 3), roi::scaling({2, 2, 2})), 6, random);
    for (const auto type : {roi::Datatype::float32, roi::Datatype::int16}) {
        roi::save(run, folder / "run.nii.gz", {.datatype = type});
        const auto whole = roi::load4d<float>(folder / "run.nii.gz");
        std::int64_t told = 0;
        auto source = roi::cached(
            roi::open(folder / "run.nii.gz", {.progress = [&](std::int64_t, std::int64_t) { ++told; }}));
        for (int pass = 0; pass < 2; ++pass) {
            CHECK(test::same_bytes(roi::mean(source), roi::mean(whole)));
            CHECK(told == 6);
        }
    }
}
