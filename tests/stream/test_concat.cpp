// Runs one after the other, and some volumes of one: bytes and header there and back, refusals, sources and memory alike.
#include <roi/io/open.hpp>
#include <roi/io/save.hpp>
#include <roi/stream/cached.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/select.hpp>
#include <roi/stream/transform.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using roi::FrameRange;
using roi::Shape;

namespace {

template <class Source>
auto collected(Source&& source) {
    roi::Collect<typename std::remove_cvref_t<decltype(roi::staged(source))>::value_type> sink;
    roi::scan(source, sink);
    return std::move(sink).result();
}

template <class T>
roi::Volume4D<T> timed_run(const Shape& shape, std::int64_t frames, test::Random& random) {
    auto run = test::random_run<T>(roi::Grid(shape, roi::scaling({2, 2, 3})), frames, random);
    run.metadata().description = "bold";
    run.metadata().time_step = 2.5;
    run.metadata().time_unit = roi::TimeUnit::second;
    return run;
}

}  // namespace

TEST_CASE("concat, select: a run cut and joined again is the run, bytes and header") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto run = timed_run<float>(Shape(5, 4, 3), 40, random);
    run.metadata().unused = {'x', 7, 8, {1, 3, 0, 5}};
    for (const std::int64_t cut : {0, 1, 17, 40}) {
        const FrameRange before{0, cut}, after{cut, 40};
        const auto joined = roi::concat(roi::select(run, before), roi::select(run, after));
        CHECK(test::same_bytes(joined, run));
        CHECK(joined.grid() == run.grid());
        CHECK(joined.metadata() == run.metadata());
        for (const int threads : {1, 3}) {
            const test::Threads number(threads);
            auto source = roi::concat(roi::select(test::PlainSource<float>(run), before),
                                      roi::select(test::PlainSource<float>(run), after));
            CHECK(source.frames() == 40);
            CHECK(source.metadata() == run.metadata());
            const auto streamed = collected(source);
            CHECK(test::same_bytes(streamed, run));
            CHECK(streamed.metadata() == run.metadata());
        }
    }
}

TEST_CASE("concat: volumes and runs of any voxel type") {
    test::Random random(test::seed());
    const auto first = test::random_volume<std::int16_t>(Shape(3, 2, 2), random);
    roi::Volume4D<std::int16_t> second(first.grid(), 2, std::int16_t{7});
    second.metadata().time_step = 2.0;
    const auto joined = roi::concat(first, second, first.view());
    REQUIRE(joined.frames() == 4);
    CHECK(test::same_bytes(roi::Volume<std::int16_t>(joined.frame(0)), first));
    CHECK(joined(2, 1, 1, 2) == 7);
    CHECK(test::same_bytes(roi::Volume<std::int16_t>(joined.frame(3)), first));
    CHECK(joined.metadata().time_step == 2.0);
    CHECK(test::same_bytes(roi::concat(std::vector{first, first}), roi::concat(first, first)));
    CHECK(roi::concat(std::vector{second, second}).frames() == 4);
    CHECK(test::contains(
        test::message_of<roi::InvalidArgument>([] { (void)roi::concat(std::vector<roi::Volume<float>>{}); }),
        "at least one image"));
    const roi::Mask mask(Shape(2, 2, 2), true);
    CHECK(roi::concat(mask, mask)(1, 1, 1, 1));
}

TEST_CASE("concat: of different types the smallest that holds all values") {
    const Shape shape(2, 1, 1);
    const roi::Volume<std::int16_t> small(shape, std::int16_t{-3});
    const roi::Volume<float> real(shape, 0.5f);
    const auto joined = roi::concat(small, real, roi::Mask(shape, true));
    static_assert(std::is_same_v<decltype(joined), const roi::Volume4D<float>>);
    CHECK(joined(0, 0, 0, 0) == -3.0f);
    CHECK(joined(0, 0, 0, 1) == 0.5f);
    CHECK(joined(0, 0, 0, 2) == 1.0f);
    using roi::detail::JoinedVoxels;
    static_assert(std::is_same_v<JoinedVoxels<std::int16_t, std::uint8_t>::type, std::int16_t>);
    static_assert(std::is_same_v<JoinedVoxels<std::uint8_t, std::int8_t>::type, std::int16_t>);
    static_assert(std::is_same_v<JoinedVoxels<std::uint16_t, std::int8_t>::type, std::int32_t>);
    static_assert(std::is_same_v<JoinedVoxels<std::uint32_t, std::int16_t>::type, std::int64_t>);
    static_assert(std::is_same_v<JoinedVoxels<std::uint64_t, std::int64_t>::type, double>);
    static_assert(std::is_same_v<JoinedVoxels<std::int32_t, float>::type, double>);
    static_assert(std::is_same_v<JoinedVoxels<std::uint8_t, float, std::int16_t>::type, float>);
    static_assert(std::is_same_v<JoinedVoxels<bool, bool>::type, bool>);
    // The same of types on disk.
    using enum roi::Datatype;
    CHECK(roi::joined_datatype(int64, uint8) == int64);
    CHECK(roi::joined_datatype(uint8, int8) == int16);
    CHECK(roi::joined_datatype(int32, uint32) == int64);
    CHECK(roi::joined_datatype(uint64, uint8) == uint64);
    CHECK(roi::joined_datatype(uint64, int8) == float64);
    CHECK(roi::joined_datatype(int16, float32) == float32);
    CHECK(roi::joined_datatype(int32, float32) == float64);
    CHECK(roi::joined_datatype(int16, unknown) == unknown);
    CHECK(roi::joined_datatype(unknown, int16) == unknown);
}

TEST_CASE("concat: other grids and repetition times are refused, both shown") {
    test::Random random(test::seed());
    const auto run = timed_run<float>(Shape(3, 3, 3), 2, random);
    const auto other = timed_run<float>(Shape(3, 3, 4), 2, random);
    const auto grids = test::message_of<roi::GridMismatch>([&] { (void)roi::concat(run, run, other); });
    CHECK(test::contains(grids, "concat: images 0 and 2"));
    CHECK(test::contains(grids, "3 x 3 x 4"));
    auto slower = run;
    slower.metadata().time_step = 3000;
    slower.metadata().time_unit = roi::TimeUnit::millisecond;
    const auto times = test::message_of<roi::InvalidArgument>([&] { (void)roi::concat(run, slower); });
    CHECK(test::contains(times, "images 0 and 1 differ: 2.5 s and 3 s"));
    CHECK_THROWS_AS(roi::concat(roi::staged(run), roi::staged(slower)), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::concat(roi::staged(run), roi::staged(other)), roi::GridMismatch);
    CHECK_THROWS_AS(roi::concat(std::vector<test::PlainSource<float>>{}), roi::InvalidArgument);
    // Files are called by their names.
    const test::TemporaryFolder folder;
    roi::save(run, folder / "run.nii");
    roi::save(slower, folder / "slower.nii");
    roi::save(other, folder / "other.nii");
    const auto named = test::message_of<roi::InvalidArgument>(
        [&] { (void)roi::concat(roi::open(folder / "run.nii"), roi::open(folder / "slower.nii")); });
    CHECK(test::contains(
        named,
        roi::text("concat: the repetition times of ", folder / "run.nii", " and ", folder / "slower.nii",
                  " differ: 2.5 s and 3 s; say by .t_r of ConcatOptions which holds")));
    CHECK(test::contains(test::message_of<roi::GridMismatch>([&] {
                             (void)roi::concat(roi::open(folder / "run.nii"), run,
                                               roi::open(folder / "other.nii"));
                         }),
                         roi::text("concat: ", folder / "run.nii", " and ", folder / "other.nii")));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [&] { (void)roi::concat(roi::open(folder / "run.nii"), slower); }),
                         roi::text(folder / "run.nii", " and image 1 differ")));
    slower.metadata().time_step = 2500;
    CHECK(roi::concat(run, slower).metadata() == run.metadata());
}

TEST_CASE("concat: the repetition time can be given") {
    test::Random random(test::seed());
    auto run = timed_run<float>(Shape(3, 3, 3), 2, random);
    auto slower = timed_run<float>(Shape(3, 3, 3), 3, random);
    slower.metadata().time_step = 3000;
    slower.metadata().time_unit = roi::TimeUnit::millisecond;
    const roi::ConcatOptions two{.t_r = roi::Seconds{2.0}};
    auto expected = run.metadata();
    expected.time_step = 2.0;
    expected.time_unit = roi::TimeUnit::second;
    const auto check = [&](const roi::Volume4D<float>& joined) {
        CHECK(joined.frames() == 5);
        CHECK(joined.metadata() == expected);
        CHECK(joined(1, 2, 0, 4) == slower(1, 2, 0, 2));
    };
    check(roi::concat(run, slower, two));
    check(roi::concat(std::vector{run, slower}, {.t_r = roi::Seconds{2.0}}));
    check(collected(roi::concat(test::PlainSource<float>(run), test::PlainSource<float>(slower), two)));
    check(collected(roi::concat(test::PlainSource<float>(run), slower, two)));
    check(collected(roi::concat(std::vector{roi::staged(run), roi::staged(slower)}, two)));
    const roi::Volume<float> volume(run.frame(0));
    CHECK(roi::repetition_time(roi::concat(volume, volume, two).metadata())->value == 2.0);
    for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::infinity()}) {
        CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                                 (void)roi::concat(run, roi::ConcatOptions{.t_r = roi::Seconds{wrong}});
                             }),
                             "concat: expected `t_r` above 0 s, found"));
    }

    // A 1 without a unit is what is written where none is known.
    slower.metadata().time_step = 1.0;
    slower.metadata().time_unit = roi::TimeUnit::unknown;
    CHECK(roi::concat(run, slower).metadata() == run.metadata());
    const auto later = roi::concat(slower, run).metadata();
    CHECK(later.time_step == run.metadata().time_step);
    CHECK(later.time_unit == run.metadata().time_unit);
    CHECK(roi::concat(slower, slower).metadata() == slower.metadata());
    // It stays in the header beside a volume, which has no time at all, until a run states one.
    const roi::Volume<float> timeless(run.grid(), 1.0F);
    for (const auto& joined :
         {roi::concat(timeless, slower).metadata(),
          collected(roi::concat(roi::staged(roi::concat(timeless)), roi::staged(slower))).metadata()}) {
        CHECK(joined.time_step == 1.0);
        CHECK(joined.time_unit == roi::TimeUnit::unknown);
    }
    const auto stated = roi::concat(timeless, slower, run, slower).metadata();
    CHECK(stated.time_step == run.metadata().time_step);
    CHECK(stated.time_unit == run.metadata().time_unit);
    CHECK(roi::concat(timeless, timeless).metadata().time_step == 0.0);
    slower.metadata().time_unit = roi::TimeUnit::second;
    CHECK_THROWS_AS(roi::concat(run, slower), roi::InvalidArgument);
}

TEST_CASE("concat: sources that can be scanned again make one that can, whatever was pulled before") {
    test::Random random(test::seed());
    const auto first = timed_run<float>(Shape(3, 3, 3), 5, random);
    const auto second = timed_run<float>(Shape(3, 3, 3), 20, random);
    const roi::Volume4D<float> none(first.grid(), 0);
    const auto expected = roi::concat(first, second);
    auto in_memory = roi::concat(roi::staged(first), roi::staged(none), roi::staged(second));
    auto kept = roi::concat(roi::cached(test::PlainSource<float>(first)),
                            roi::cached(test::PlainSource<float>(second)));
    for (int round = 0; round < 3; ++round) {
        CHECK(test::same_bytes(collected(in_memory), expected));
        CHECK(test::same_bytes(collected(kept), expected));
    }
    // Some of several, several of some.
    const std::vector<std::int64_t> chosen{0, 4, 5, 24};
    auto some = roi::select(roi::concat(roi::staged(first), roi::staged(second)), chosen);
    CHECK(test::same_bytes(collected(some), roi::select(expected, chosen)));
    CHECK(test::same_bytes(collected(some), roi::select(expected, chosen)));
    auto nested = roi::concat(some, some);
    CHECK(test::same_bytes(collected(nested), roi::select(expected, {0, 4, 5, 24, 0, 4, 5, 24})));
}

TEST_CASE("concat: sources that can be read once are refused when they are scanned again") {
    test::Random random(test::seed());
    const auto run = timed_run<float>(Shape(3, 3, 3), 4, random);
    const auto other = timed_run<double>(Shape(3, 3, 3), 2, random);
    using Plain = test::PlainSource<float>;
    auto alike = roi::concat(Plain(run), Plain(run));
    auto of_kinds = roi::concat(Plain(run), test::PlainSource<double>(other));
    CHECK(test::same_bytes(collected(alike), roi::concat(run, run)));
    CHECK(test::same_bytes(collected(of_kinds), roi::concat(run, other)));
    const auto again = [](auto& source) {
        return test::message_of<roi::InvalidArgument>([&] { (void)collected(source); });
    };
    CHECK(test::contains(again(alike), "concat: all 8 volumes have been read"));
    CHECK(test::contains(again(of_kinds), "concat: all 6 volumes have been read"));
}

TEST_CASE("concat: sources of any types, with runs and volumes in memory between them") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto a = timed_run<float>(Shape(5, 4, 3), 7, random);
    const auto b = timed_run<double>(Shape(5, 4, 3), 5, random);
    const auto none = timed_run<double>(Shape(5, 4, 3), 0, random);
    const auto whole = timed_run<std::int16_t>(Shape(5, 4, 3), 3, random);
    auto mask = test::random_volume<bool>(a.grid(), random);
    const auto expected = roi::concat(roi::concat(a, none), whole, b, mask);
    static_assert(std::is_same_v<decltype(expected), const roi::Volume4D<double>>);
    for (const int threads : {1, 3}) {
        const test::Threads number(threads);
        auto source = roi::concat(test::PlainSource<float>(a), roi::cached(test::PlainSource<double>(none)),
                                  whole, roi::staged(b), mask);
        static_assert(std::is_same_v<decltype(source)::value_type, double>);
        CHECK(source.frames() == 16);
        CHECK(source.metadata() == a.metadata());
        CHECK(test::same_bytes(collected(source), expected));
    }
    // Masks are 0 and 1, of one volume and of several.
    roi::Volume4D<bool> masks(a.grid(), 2, true);
    masks(1, 2, 0, 1) = false;
    const auto with_masks = collected(roi::concat(test::PlainSource<float>(a), masks));
    static_assert(std::is_same_v<decltype(with_masks), const roi::Volume4D<float>>);
    CHECK(test::same_bytes(with_masks, roi::concat(a, masks)));
    // What float holds stays float; what can be scanned again makes one that can.
    // A run without a name lives on in the result.
    auto held = roi::concat(test::PlainSource<float>(a), roi::Volume4D<bool>(masks));
    CHECK(test::same_bytes(collected(std::move(held)), with_masks));
    auto again = roi::concat(roi::cached(test::PlainSource<float>(a)), whole);
    static_assert(std::is_same_v<decltype(again)::value_type, float> &&
                  roi::RewindableSource<decltype(again)>);
    const auto once = collected(again);
    CHECK(test::same_bytes(once, roi::concat(a, whole)));
    CHECK(test::same_bytes(collected(again), once));
    CHECK_THROWS_AS(roi::concat(test::PlainSource<float>(a), roi::Volume<double>(Shape(5, 4, 2))),
                    roi::GridMismatch);
}

TEST_CASE("concat: integers of files stay integers where all have the same") {
    test::Random random(test::seed());
    roi::Volume4D<std::int16_t> stored(Shape(4, 3, 2), 6);
    for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 2000);
    using Source = test::IntegerSource<std::int16_t>;
    const auto source = roi::select(roi::concat(Source(stored), Source(stored)), {1, 6, 8});
    bool visited = false;
    CHECK(source.visit_stored([&]<class V>(V) { visited = std::is_same_v<V, std::int16_t>; }));
    CHECK(visited);
    roi::RawFrame raw;
    raw.index = 2;  // volume 8, which is volume 2 of the second
    CHECK(source.stored<std::int16_t>(raw)[5] == stored.frame(2).values()[5]);
}

TEST_CASE("select: by numbers, range and condition, as NumPy's index") {
    test::Random random(test::seed());
    const auto run = timed_run<float>(Shape(3, 2, 2), 6, random);
    const auto picked = roi::select(run, {4, 0, 4});
    REQUIRE(picked.frames() == 3);
    for (const auto& [to, from] : {std::pair{0, 4}, {1, 0}, {2, 4}}) {
        CHECK(test::same_bytes<float>(picked.frame(to).values(), run.frame(from).values()));
    }
    CHECK(picked.metadata() == run.metadata());
    CHECK(roi::select(run, std::vector<std::int64_t>{}).frames() == 0);
    const roi::Selection odd({false, true, false, true, false, true});
    CHECK(test::same_bytes(roi::select(run, odd), roi::select(run, {1, 3, 5})));
    CHECK(test::same_bytes(roi::select(run.view(), FrameRange{2, 5}), roi::select(run, {2, 3, 4})));
    CHECK(
        test::same_bytes(collected(roi::select(test::PlainSource<float>(run), odd)), roi::select(run, odd)));

    const auto message = [](auto&& action) { return test::message_of<roi::InvalidArgument>(action); };
    CHECK(test::contains(message([&] {
                             (void)roi::select(run, {0, 6});
                         }),
                         "volume 6 does not exist; there are 6"));
    CHECK(test::contains(message([&] { (void)roi::select(run, {-1}); }), "volume -1 does not exist"));
    CHECK(test::contains(message([&] { (void)roi::select(run, FrameRange{4, 7}); }), "0 to 6, found 4 to 7"));
    CHECK(test::contains(message([&] { (void)roi::select(run, FrameRange{3, 2}); }), "found 3 to 2"));
    CHECK(test::contains(message([&] { (void)roi::select(run, roi::Selection({true})); }),
                         "about 1 volumes, the run has 6"));
    CHECK(test::contains(message([&] {
                             (void)roi::select(roi::staged(run), {3, 3});
                         }),
                         "ascending numbers, found 3 after 3"));
}

TEST_CASE("a run keeps the intent that all of its volumes have") {
    roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0F), labels(map);
    labels.metadata().intent = {roi::label_intent, "atlas", {}};
    auto named = labels;
    named.metadata().intent.name = "other";
    CHECK(roi::concat(labels, labels).metadata().intent == labels.metadata().intent);
    CHECK(roi::concat(labels, named).metadata().intent.code == roi::label_intent);
    CHECK(roi::concat(labels, named).metadata().intent.name.empty());
    CHECK(roi::concat(labels, map).metadata().intent.code == 0);
    CHECK(roi::concat(map, labels).metadata().intent.code == 0);
    roi::Volume<float> t(map);
    t.metadata().intent = {3, "", {12.0, 0.0, 0.0}};
    auto other = t;
    other.metadata().intent.parameters[0] = 14.0;
    CHECK(roi::concat(t, t).metadata().intent.code == 3);
    CHECK(roi::concat(t, other).metadata().intent.code == 0);
}

namespace {

/// A source of volumes of zeros that knows what they are called.
class Named {
public:
    using value_type = double;
    Named(std::string name, std::int64_t frames) : name_(std::move(name)), frames_(frames) {}
    [[nodiscard]] const roi::Grid& grid() const { return grid_; }
    [[nodiscard]] const roi::Metadata& metadata() const { return metadata_; }
    [[nodiscard]] std::int64_t frames() const { return frames_; }
    [[nodiscard]] std::string volume_name(std::int64_t frame) const { return roi::text(name_, frame); }
    void read(std::span<double> out) { std::fill(out.begin(), out.end(), 0.0); }

private:
    std::string name_;
    std::int64_t frames_;
    roi::Grid grid_{Shape(2, 1, 1)};
    roi::Metadata metadata_;
};

/// What a sink would call the volumes that it is shown.
template <class Source>
std::vector<std::string> names_in(Source source) {
    struct Names {
        void begin(const roi::ScanInfo& told) { info = told; }
        void frame(std::int64_t index, std::span<const double>) { names.push_back(info.name_of(index)); }
        roi::ScanInfo info;
        std::vector<std::string> names;
    } sink;
    roi::scan(source, sink);
    return sink.names;
}

}  // namespace

TEST_CASE("volumes keep the name that their source has for them, through all that stands between") {
    using Names = std::vector<std::string>;
    CHECK(names_in(Named("a", 2)) == Names{"a0", "a1"});
    CHECK(names_in(roi::concat(Named("a", 2), Named("b", 1))) == Names{"a0", "a1", "b0"});
    CHECK(names_in(roi::concat(Named("a", 1), roi::Volume<double>(Shape(2, 1, 1)))) ==
          Names{"a0", "volume 0"});
    CHECK(names_in(roi::select(roi::concat(Named("a", 2), Named("b", 3)), FrameRange{1, 4})) ==
          Names{"a1", "b0", "b1"});
    CHECK(names_in(roi::cached(Named("a", 1))) == Names{"a0"});
    const auto less = [](double a, double b) { return a - b; };
    CHECK(names_in(roi::transform(less, Named("a", 1), Named("b", 1))) == Names{"what is made of a0 and b0"});
    CHECK(names_in(roi::transform([](double a) { return a; }, Named("a", 1))) == Names{"a0"});
    const roi::Volume4D<double> run(Shape(2, 1, 1), 2);
    CHECK(names_in(roi::transform(less, roi::staged(run), roi::staged(run))) ==
          Names{"volume 0", "volume 1"});
    CHECK(roi::ScanInfo().name_of(3) == "volume 3");
}
