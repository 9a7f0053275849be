// Scans: every sink sees every volume it wants once and in order, whatever the threads; failures arrive.
#include <roi/io/open.hpp>
#include <roi/io/save.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/keep_voxels.hpp>
#include <roi/stream/scan.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

const std::vector<std::int64_t> lengths{0, 1, 15, 16, 17, 33};

/// What a user's sink looks like: keeps the first voxel of every volume.
class FirstVoxel {
public:
    void begin(const roi::ScanInfo& info) {
        info_ = info;
        seen_.clear();
    }
    void frame(std::int64_t index, std::span<const float> values) {
        CHECK(static_cast<std::int64_t>(values.size()) == info_.grid.size());
        seen_.emplace_back(index, values.empty() ? 0.0f : values[0]);
    }

    using Seen = std::vector<std::pair<std::int64_t, float>>;
    const Seen& seen() const { return seen_; }
    const roi::ScanInfo& info() const { return info_; }

private:
    roi::ScanInfo info_;
    Seen seen_;
};

/// As above, but every third volume is enough.
class EveryThird : public FirstVoxel {
public:
    bool wants(std::int64_t frame) const { return frame % 3 == 1; }
};

/// Voxel by voxel: the numbers of the volumes shown, in the order of time, as a checksum per voxel.
class Order {
public:
    void begin(const roi::ScanInfo& info) {
        sums_.assign(static_cast<std::size_t>(info.grid.size()), 0.0);
        counts_.assign(sums_.size(), 0);
    }
    template <class T>
    void update(const roi::FrameBlock<T>& block, roi::VoxelRange range) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            if (!block.frames[k]) continue;
            for (auto i = static_cast<std::size_t>(range.first); i < static_cast<std::size_t>(range.last);
                 ++i) {
                sums_[i] = sums_[i] * 0.75 + static_cast<double>(block.frames[k][i]);  // depends on the order
                ++counts_[i];
            }
        }
    }
    const std::vector<double>& sums() const { return sums_; }
    const std::vector<int>& counts() const { return counts_; }

private:
    std::vector<double> sums_;
    std::vector<int> counts_;
};

class ChoosyOrder : public Order {
public:
    bool wants(std::int64_t frame) const { return frame % 4 == 2; }
};

/// Whole volumes, some at once: the first voxel of every volume, put where it belongs from any thread.
class FirstVoxels {
public:
    void begin(const roi::ScanInfo& info) { seen_.assign(static_cast<std::size_t>(info.frames), {-1, 0.0f}); }
    void update(const roi::FrameBlock<float>& block) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            auto& seen = seen_.at(static_cast<std::size_t>(block.first) + k);
            // A second look leaves a number that no volume has.
            seen = {seen.first < 0 ? block.first + static_cast<std::int64_t>(k) : 1000000,
                    block.frames[k][0]};
        }
    }

    const FirstVoxel::Seen& seen() const { return seen_; }

private:
    FirstVoxel::Seen seen_;
};

/// As above, but every third volume is enough.
class EveryThirdOfBlocks : public FirstVoxels {
public:
    bool wants(std::int64_t frame) const { return frame % 3 == 1; }
};

/// Also takes whole numbers as they are stored.
class FirstVoxelsStored : public FirstVoxels {
public:
    using stored_type = std::int16_t;
    using FirstVoxels::update;

    void update(const roi::FrameBlock<std::int16_t>& block) {
        std::vector<std::vector<float>> values;
        std::vector<const float*> frames;
        for (const auto* frame : block.frames) values.push_back({static_cast<float>(frame[0])});
        for (const auto& value : values) frames.push_back(value.data());
        update(roi::FrameBlock<float>{block.first, frames});
        stored_ += static_cast<std::int64_t>(frames.size());
    }

    /// How many volumes came as they are stored.
    std::int64_t stored() const { return stored_; }

private:
    std::atomic<std::int64_t> stored_ = 0;
};

/// Fails when it sees a volume.
class Failing {
public:
    explicit Failing(std::int64_t at) : at_(at) {}
    void begin(const roi::ScanInfo&) {
        if (at_ < 0) throw std::runtime_error("begin failed");
    }
    void frame(std::int64_t index, std::span<const float>) {
        if (index == at_) throw std::runtime_error("sink failed at " + std::to_string(index));
    }

private:
    std::int64_t at_;
};

class FailingVoxels {
public:
    void begin(const roi::ScanInfo&) {}
    void update(const roi::FrameBlock<float>& block, roi::VoxelRange range) {
        if (block.first > 0 && range.first >= roi::detail::range_length) {
            throw std::runtime_error("voxels from " + std::to_string(range.first));
        }
    }
};

static_assert(roi::FrameSink<FirstVoxel, float>);
static_assert(!roi::VoxelSink<FirstVoxel, float>);
static_assert(!roi::Sink<FirstVoxel, double>);
static_assert(roi::VoxelSink<Order, float>);
static_assert(roi::VoxelSink<Order, double>);
static_assert(roi::BlockSink<FirstVoxels, float>);
static_assert(!roi::VoxelSink<FirstVoxels, float>);
static_assert(!roi::Sink<FirstVoxels, double>);
static_assert(!roi::Sink<int, float>);

/// A run of whole numbers whose first voxel is 10 * t.
roi::Volume4D<std::int16_t> stored_run(const roi::Shape& shape, std::int64_t frames) {
    roi::Volume4D<std::int16_t> run(shape, frames);
    test::Random random(test::seed());
    for (auto& value : run.values()) value = static_cast<std::int16_t>(random() % 2000);
    for (std::int64_t t = 0; t < frames; ++t) run(0, 0, 0, t) = static_cast<std::int16_t>(10 * t);
    run.metadata().description = "stored";
    return run;
}

FirstVoxel::Seen expected(std::int64_t frames, std::int64_t start = 0, std::int64_t step = 1) {
    FirstVoxel::Seen out;
    for (std::int64_t t = start; t < frames; t += step) out.emplace_back(t, static_cast<float>(10 * t));
    return out;
}

}  // namespace

TEST_CASE("scan: every kind of source shows every volume once and in order") {
    for (const int threads : {1, 2, 5}) {
        const test::Threads number(threads);
        for (const auto frames : lengths) {
            INFO(threads << " threads, " << frames << " volumes");
            const auto stored = stored_run(roi::Shape(5, 4, 3), frames);
            const auto run = test::converted<float>(stored);
            const auto check = [&](auto&& source) {
                FirstVoxel all;
                EveryThird third;
                roi::scan(source, all, third);
                CHECK(all.seen() == expected(frames));
                CHECK(third.seen() == expected(frames, 1, 3));
                CHECK(all.info().frames == frames);
                CHECK(all.info().grid == run.grid());
                CHECK(all.info().metadata.description == "stored");
            };
            test::Account account;
            check(run);
            check(test::PlainSource<float>(run));
            check(test::StoredSource(stored, account));
            CHECK(account.pulled == frames);
            CHECK(static_cast<std::int64_t>(account.converted.size()) == frames);
        }
    }
}

TEST_CASE("scan: voxel sinks see every voxel of every volume in the order of time") {
    const roi::Shape shape(23, 24, 31);
    REQUIRE(shape.size() > 2 * roi::detail::range_length);
    for (const auto frames : lengths) {
        const auto stored = stored_run(shape, frames);
        const auto run = test::converted<float>(stored);
        std::vector<double> sums(static_cast<std::size_t>(shape.size())), chosen(sums.size());
        for (std::int64_t t = 0; t < frames; ++t) {
            for (std::size_t i = 0; i < sums.size(); ++i) {
                const double value = run.frame(t).values()[i];
                sums[i] = sums[i] * 0.75 + value;
                if (t % 4 == 2) chosen[i] = chosen[i] * 0.75 + value;
            }
        }
        for (const int threads : {1, 2, 5}) {
            INFO(threads << " threads, " << frames << " volumes");
            const test::Threads number(threads);
            Order order;
            ChoosyOrder choosy;
            test::Account account;
            roi::scan(test::StoredSource(stored, account), order, choosy);
            CHECK(order.sums() == sums);
            CHECK(choosy.sums() == chosen);
            CHECK(order.counts() == std::vector<int>(sums.size(), static_cast<int>(frames)));
            Order resident;
            roi::scan(run, resident);
            CHECK(resident.sums() == sums);
        }
    }
}

TEST_CASE("scan: block sinks see every volume they want once") {
    // More volumes than a block of a run in memory has for them.
    for (const std::int64_t frames : {0, 1, 5, 16, 33, 600}) {
        const auto stored = stored_run(roi::Shape(5, 4, 3), frames);
        const auto run = test::converted<float>(stored);
        auto third = expected(frames);
        for (std::size_t t = 0; t < third.size(); ++t) {
            if (t % 3 != 1) third[t] = {-1, 0.0f};
        }
        for (const int threads : {1, 2, 5}) {
            INFO(threads << " threads, " << frames << " volumes");
            const test::Threads number(threads);
            FirstVoxels all, beside;
            EveryThirdOfBlocks some;
            Order order;
            roi::scan(run, all);
            roi::scan(test::PlainSource<float>(run), some, beside, order);
            CHECK(all.seen() == expected(frames));
            CHECK(beside.seen() == expected(frames));
            CHECK(some.seen() == third);
        }
    }
}

TEST_CASE("scan: a sink of stored numbers is shown them beside sinks of converted ones") {
    for (const std::int64_t frames : {0, 1, 17, 40}) {
        const auto stored = stored_run(roi::Shape(5, 4, 3), frames);
        for (const int threads : {1, 2, 5}) {
            INFO(threads << " threads, " << frames << " volumes");
            const test::Threads number(threads);
            FirstVoxelsStored some, alone, real;
            FirstVoxels converted;
            Order order;
            roi::scan(test::IntegerSource(stored), some, converted, order);
            roi::scan(stored, alone);
            roi::scan(test::converted<float>(stored), real);
            CHECK(some.seen() == expected(frames));
            CHECK(converted.seen() == expected(frames));
            CHECK(alone.seen() == expected(frames));
            CHECK(real.seen() == expected(frames));
            CHECK(some.stored() == frames);
            CHECK(alone.stored() == frames);
            CHECK(real.stored() == 0);
        }
    }
}

TEST_CASE("scan: what no sink wants is read but never converted") {
    const auto stored = stored_run(roi::Shape(5, 4, 3), 40);
    for (const int threads : {1, 3}) {
        const test::Threads number(threads);
        test::Account account;
        EveryThird third;
        ChoosyOrder fourth;
        roi::scan(test::StoredSource(stored, account), third, fourth);
        std::multiset<std::int64_t> wanted;
        for (std::int64_t t = 0; t < 40; ++t) {
            if (t % 3 == 1 || t % 4 == 2) wanted.insert(t);
        }
        CHECK(account.converted == wanted);
        CHECK(account.pulled == 40);
        CHECK(third.seen() == expected(40, 1, 3));
        CHECK(fourth.counts() == std::vector<int>(60, 10));
    }
    test::Account account;
    roi::scan(test::StoredSource(stored, account));
    CHECK(account.pulled == 40);
    CHECK(account.converted.empty());
}

TEST_CASE("scan: memory stays bounded whatever the length of the run") {
    const auto stored = stored_run(roi::Shape(3, 3, 3), 200);
    for (const int threads : {1, 2, 5}) {
        const test::Threads number(threads);
        test::Account account;
        struct Behind {
            test::Account* account;
            std::int64_t most = 0;
            void begin(const roi::ScanInfo&) {}
            void frame(std::int64_t index, std::span<const float>) {
                most = std::max(most, account->pulled - index);
            }
        } behind{&account};
        roi::scan(test::StoredSource(stored, account), behind);
        CHECK(account.buffers.size() <= (threads == 1 ? 16u : 32u));
        CHECK(behind.most <= (threads == 1 ? 16 : 32));
    }
    // Blocks shrink as volumes grow: a few megabytes, or one volume.
    for (const std::int64_t frames : {1, 7, 1452}) {
        for (const std::int64_t voxels : {1, 1000, 163840, 1 << 24}) {
            const auto length = roi::detail::block_length(4 * voxels, frames);
            CHECK(length >= 1);
            CHECK(length <= std::min<std::int64_t>(16, frames));
            if (length > 1) CHECK(length * voxels * 4 <= 8 << 20);
        }
    }
    CHECK(roi::detail::block_length(400, 1452) == 16);
    CHECK(roi::detail::block_length(0, 5) == 5);
    CHECK(roi::detail::block_length(400, 0) == 1);
}

TEST_CASE("scan: progress grows to the end, told on the calling thread") {
    const auto stored = stored_run(roi::Shape(3, 3, 3), 33);
    for (const int threads : {1, 3}) {
        const test::Threads number(threads);
        std::vector<std::int64_t> told;
        roi::ScanOptions options;
        options.progress = [&, caller = std::this_thread::get_id()](std::int64_t done, std::int64_t total) {
            CHECK(std::this_thread::get_id() == caller);
            CHECK(total == 33);
            told.push_back(done);
        };
        test::Account account;
        FirstVoxel sink;
        roi::scan(test::StoredSource(stored, account), sink, options);
        CHECK(told == std::vector<std::int64_t>{16, 32, 33});
        CHECK(sink.seen().size() == 33);
    }
}

TEST_CASE("scan: what a file tells while it is read ahead, it tells on the calling thread") {
    const test::TemporaryFolder folder;
    roi::save(roi::Volume4D<float>(roi::Shape(5, 4, 3), 40, 1.0f), folder / "a.nii.gz");
    std::ofstream(folder / "a.nii.gz", std::ios::binary | std::ios::app) << "no gzip";
    const test::Threads threads(4);
    const auto caller = std::this_thread::get_id();
    std::vector<std::int64_t> told;
    std::vector<std::string> lines;
    auto smoothed =
        roi::smooth(roi::open(folder / "a.nii.gz", {.warning =
                                                        [&](std::string_view line) {
                                                            CHECK(std::this_thread::get_id() == caller);
                                                            lines.emplace_back(line);
                                                        },
                                                    .progress =
                                                        [&](std::int64_t done, std::int64_t total) {
                                                            CHECK(std::this_thread::get_id() == caller);
                                                            CHECK(total == 40);
                                                            told.push_back(done);
                                                        }}),
                    roi::Fwhm{2.0});
    CHECK(told.empty());
    roi::Mean mean;
    roi::scan(smoothed, mean);
    REQUIRE(told.size() == 40);
    CHECK(std::is_sorted(told.begin(), told.end()));
    REQUIRE(lines.size() == 1);
    CHECK(test::contains(lines[0], "bytes that are not gzip follow"));

    auto stopping =
        roi::open(folder / "a.nii.gz",
                  {.progress = [](std::int64_t, std::int64_t) { throw std::runtime_error("no more"); }});
    CHECK(test::message_of<std::runtime_error>([&] { roi::scan(stopping, mean); }) == "no more");
}

TEST_CASE("scan: what a source throws arrives at the caller") {
    const auto run = test::converted<float>(stored_run(roi::Shape(5, 4, 3), 100));
    for (const int threads : {1, 2, 5}) {
        const test::Threads number(threads);
        for (const std::int64_t at : {0, 1, 16, 31, 32, 99}) {
            INFO(threads << " threads, failing at " << at);
            FirstVoxel sink;
            CHECK(test::message_of<std::runtime_error>(
                      [&] { roi::scan(test::PlainSource<float>(run, at), sink); }) == "the disk is on fire");
            // Whole blocks before the failure have been shown, nothing after it.
            CHECK(sink.seen() == expected(at / 16 * 16));
        }
    }
}

TEST_CASE("scan: what a sink throws arrives at the caller") {
    const auto run = test::converted<float>(stored_run(roi::Shape(23, 24, 31), 50));
    for (const int threads : {1, 2, 5}) {
        const test::Threads number(threads);
        const auto failure = [&](auto sink) {
            return test::message_of<std::runtime_error>([&] {
                FirstVoxel other;
                roi::scan(test::PlainSource<float>(run), other, sink);
            });
        };
        CHECK(failure(Failing(-1)) == "begin failed");
        CHECK(failure(Failing(0)) == "sink failed at 0");
        CHECK(failure(Failing(20)) == "sink failed at 20");
        CHECK(failure(Failing(49)) == "sink failed at 49");
        CHECK(failure(FailingVoxels()) == "voxels from 8192");
        CHECK(test::message_of<std::runtime_error>([&] {
                  FirstVoxel sink;
                  roi::ScanOptions options;
                  options.progress = [](std::int64_t, std::int64_t) { throw std::runtime_error("stop"); };
                  roi::scan(test::PlainSource<float>(run), sink, options);
              }) == "stop");
    }
}

TEST_CASE("scan: what a conversion throws arrives at the caller") {
    struct Broken : test::StoredSource {
        using test::StoredSource::StoredSource;
        std::span<const float> convert(const roi::RawFrame& raw, std::span<float> out,
                                       Workspace& work) const {
            if (raw.index == 21) throw std::runtime_error("volume 21 is broken");
            return StoredSource::convert(raw, out, work);
        }
    };
    const auto stored = stored_run(roi::Shape(5, 4, 3), 40);
    for (const int threads : {1, 2, 5}) {
        const test::Threads number(threads);
        test::Account account;
        FirstVoxel sink;
        CHECK(test::message_of<std::runtime_error>([&] { roi::scan(Broken(stored, account), sink); }) ==
              "volume 21 is broken");
        CHECK(sink.seen() == expected(16));
        test::Account fresh;
        EveryThird third;
        CHECK_NOTHROW(roi::scan(Broken(stored, fresh), third));
    }
}

TEST_CASE("scan: a stop on request is an error of its own, asked for on the calling thread") {
    const auto stored = stored_run(roi::Shape(3, 3, 3), 40);
    for (const int threads : {1, 3}) {
        int asked = 0;
        const roi::ScanOptions options{.stop =
                                           [&, caller = std::this_thread::get_id()] {
                                               CHECK(std::this_thread::get_id() == caller);
                                               return ++asked == 2;
                                           },
                                       .threads = threads};
        test::Account account;
        roi::Mean mean;
        FirstVoxel sink;
        try {
            roi::scan(test::StoredSource(stored, account), mean, sink, options);
            FAIL("the scan was not stopped");
        } catch (const roi::Error& error) {
            CHECK(error.code() == roi::ErrorCode::stopped);
            CHECK(test::contains(error.what(), "after 16 of 40 volumes"));
        }
        CHECK(sink.seen() == expected(16));
        CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { (void)mean.result(); }),
                             "mean: the scan did not reach the end"));
    }
}

TEST_CASE("scan: a sink that has not seen a run to its end refuses to answer") {
    const auto run = test::converted<float>(stored_run(roi::Shape(5, 4, 3), 40));
    const auto refused = [](const auto& sink) {
        return test::message_of<roi::InvalidArgument>([&] { (void)sink.result(); });
    };
    roi::Mean mean;
    roi::TTestInd ttest(roi::Selection({true, true, false, false}),
                        roi::Selection({false, false, true, true}));
    roi::KeepVoxels keep{roi::Mask(run.grid(), true)};
    CHECK(test::contains(refused(mean), "mean: no run has been scanned yet"));
    CHECK(test::contains(refused(ttest), "ttest_ind: no run has been scanned yet"));
    CHECK(test::contains(refused(keep), "keep_voxels: no run has been scanned yet"));

    CHECK_THROWS(roi::scan(test::PlainSource<float>(run, 33), mean, keep));
    CHECK(test::contains(refused(mean), "did not reach the end"));
    CHECK(test::contains(refused(keep), "did not reach the end"));
    roi::scan(run, mean, keep);
    CHECK_NOTHROW(mean.result());
    Failing failing(20);
    CHECK_THROWS(roi::scan(run, mean, failing));
    CHECK(test::contains(refused(mean), "did not reach the end"));

    roi::scan(run, mean);
    auto moved = std::move(mean);
    CHECK(test::contains(refused(mean), "no run has been scanned"));  // NOLINT(bugprone-use-after-move)
    CHECK_NOTHROW(std::move(moved).result());
    CHECK(test::contains(refused(moved), "no run has been scanned"));  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("scan: a sink that is passed twice is refused") {
    const auto run = test::converted<float>(stored_run(roi::Shape(5, 4, 3), 4));
    roi::Mean mean, other;
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { roi::scan(run, mean, other, mean); }),
                         "passed twice"));
    CHECK_NOTHROW(roi::scan(run, mean, other));
}

TEST_CASE("scan: a run in somebody else's memory is a source, and so is one that also shows its data") {
    const auto run = test::converted<float>(stored_run(roi::Shape(5, 4, 3), 20));
    const roi::Volume4DView<const float> view = run.view();
    CHECK(test::same_bytes(roi::mean(view), roi::mean(run)));
    struct WithData : test::PlainSource<float> {
        using test::PlainSource<float>::PlainSource;
        const float* data() const { return nullptr; }
    };
    CHECK(test::same_bytes(roi::mean(WithData(run)), roi::mean(run)));
    CHECK(test::same_bytes(roi::mean(run, {.threads = 3}), roi::mean(run)));
}

TEST_CASE("scan: a grid without voxels still has volumes") {
    const roi::Volume4D<float> run(roi::Shape(0, 3, 3), 20);
    FirstVoxel sink;
    Order order;
    roi::scan(run, sink, order);
    CHECK(sink.seen().size() == 20);
    CHECK(order.sums().empty());
}

namespace {

/// What the notebook's sinks find in a smoothed source.
template <class Source>
auto notebook_results(Source source, const roi::Fwhm& fwhm, const roi::Selection& a, const roi::Selection& b,
                      const roi::Mask& mask) {
    roi::Mean mean;
    roi::TTestInd ttest(a, b);
    roi::KeepVoxels keep(mask);
    roi::scan(roi::smooth(std::move(source), fwhm), mean, ttest, keep);
    return std::tuple{mean.result(), ttest.result().t, keep.result()};
}

template <class V>
void check_demand() {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    roi::Volume4D<V> run(roi::Grid(roi::Shape(11, 9, 10), roi::scaling({2, 2, 2})), 37);
    for (V& value : run.values()) value = static_cast<V>(random());
    std::vector<bool> first(37), second(37);
    for (std::size_t i = 0; i < 37; ++i) {
        first[i] = i % 5 == 0;
        second[i] = i % 7 == 3 && !first[i];
    }
    const roi::Selection a(first), b(second);
    roi::Mask mask(run.grid());
    mask(2, 3, 4) = mask(9, 5, 7) = mask(4, 4, 4) = true;
    const roi::Fwhm fwhm(4.0);

    // The plain way: every volume converted, smoothed as a whole, and looked at one sink at a time.
    const auto values = test::converted<float>(run);
    const auto smoothed = roi::smooth(values, fwhm);
    const auto mean = roi::smooth(roi::mean(values), fwhm);
    const auto t = roi::ttest_ind(smoothed, a, b).t;
    roi::KeepVoxels keep(mask);
    roi::scan(smoothed, keep);
    for (const int threads : {1, 2, 5}) {
        const test::Threads number(threads);
        const auto check = [&](const auto& results) {
            CHECK(test::same_bytes(std::get<0>(results), mean));
            CHECK(test::same_bytes(std::get<1>(results), t));
            for (std::int64_t frame = 0; frame < run.frames(); ++frame) {
                const auto found = std::get<2>(results).frame(frame);
                const auto expected = keep.result().frame(frame);
                CHECK(std::equal(found.begin(), found.end(), expected.begin(), expected.end()));
            }
        };
        check(notebook_results(test::IntegerSource<V>(run), fwhm, a, b, mask));
        check(notebook_results(test::PlainSource<float>(values), fwhm, a, b, mask));
    }
}

}  // namespace

TEST_CASE("scan: what nobody looks at is left out without changing what is looked at") {
    static_assert(roi::StoredSource<roi::Smoothed<test::IntegerSource<std::int16_t>>>);
    static_assert(roi::FilteredSource<roi::Smoothed<test::IntegerSource<std::int16_t>>>);
    static_assert(!roi::StoredSource<roi::detail::StagedReader<test::PlainSource<float>>>);
    check_demand<std::int16_t>();
    check_demand<std::uint16_t>();
    check_demand<std::int8_t>();
    check_demand<std::uint8_t>();
}

TEST_CASE("scan: a mask without voxels asks for nothing") {
    roi::Volume4D<std::int16_t> run(roi::Shape(3, 3, 3), 5, std::int16_t{7});
    roi::KeepVoxels keep{roi::Mask(run.grid())};
    roi::scan(roi::smooth(test::IntegerSource<std::int16_t>(run), roi::Fwhm(2.0)), keep);
    CHECK(keep.result().frames() == 5);
    CHECK(keep.result().voxels().empty());
}
