// The synthetic subject that the example programs run on: its design, its files, and what the notebook finds.
#include <roi/roi.hpp>

#include "../../examples/support/synthetic_subject.hpp"
#include "catch.hpp"
#include "support.hpp"
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace {

using examples::Size;
using examples::SyntheticSubject;
using examples::synthetic::Preference;
using Names = std::vector<std::string>;

/// FNV-1a (Fowler, Noll, Vo) over values of 16 bits, low byte first: the same on every machine.
class Checksum {
public:
    template <class Values>
    void add(const Values& values) {
        for (const auto value : values) {
            const auto bits = static_cast<std::uint16_t>(value);
            for (const auto byte : {bits & 255, bits >> 8}) {
                state_ = (state_ ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3u;
            }
        }
    }
    [[nodiscard]] std::uint64_t value() const { return state_; }

private:
    std::uint64_t state_ = 0xcbf29ce484222325u;
};

template <class Image>
std::uint64_t checksum(const Image& image) {
    Checksum sum;
    sum.add(image.values());
    return sum.value();
}

bool inside(const roi::Mask& part, const roi::Mask& whole) {
    return std::equal(part.begin(), part.end(), whole.begin(), [](bool a, bool b) { return !a || b; });
}

}  // namespace

TEST_CASE("synthetic subject: the design of the full size is the real one") {
    const SyntheticSubject subject(Size::full);
    CHECK(subject.frames() == 1452);
    const roi::Column labels(subject.labels());
    CHECK(labels.unique() ==
          Names{"rest", "scissors", "face", "cat", "shoe", "house", "scrambledpix", "bottle", "chair"});
    for (const auto& name : labels.unique()) {
        CHECK((labels == name).count() == (name == "rest" ? 588 : 108));
    }
    // The first run, as published.
    std::vector<std::pair<std::string, int>> blocks;
    for (std::int64_t frame = 0; frame < 121; ++frame) {
        if (blocks.empty() || blocks.back().first != labels[frame]) blocks.emplace_back(labels[frame], 0);
        ++blocks.back().second;
    }
    CHECK(blocks == std::vector<std::pair<std::string, int>>{{"rest", 6},
                                                             {"scissors", 9},
                                                             {"rest", 6},
                                                             {"face", 9},
                                                             {"rest", 5},
                                                             {"cat", 9},
                                                             {"rest", 5},
                                                             {"shoe", 9},
                                                             {"rest", 5},
                                                             {"house", 9},
                                                             {"rest", 6},
                                                             {"scrambledpix", 9},
                                                             {"rest", 5},
                                                             {"bottle", 9},
                                                             {"rest", 5},
                                                             {"chair", 9},
                                                             {"rest", 6}});
}

TEST_CASE("synthetic subject: every run shows every category once, in an order of its own") {
    for (const auto size : {Size::small, Size::full}) {
        const SyntheticSubject subject(size);
        const roi::Column labels(subject.labels());
        CHECK(subject.frames() == (size == Size::full ? 1452 : 300));
        const auto run = subject.frames() / 12;
        std::set<Names> orders;
        for (std::int64_t first = 0; first < subject.frames(); first += run) {
            CHECK(subject.chunk(first) == first / run);
            CHECK(subject.chunk(first + run - 1) == first / run);
            CHECK(labels[first] == "rest");
            CHECK(labels[first + run - 1] == "rest");
            Names order;
            std::map<std::string, std::int64_t> counts;
            for (auto frame = first; frame < first + run; ++frame) {
                if (counts[labels[frame]]++ == 0 && labels[frame] != "rest") order.push_back(labels[frame]);
            }
            CHECK(counts.size() == 9);
            for (const auto& [name, volumes] : counts) {
                if (name != "rest") CHECK(volumes == (size == Size::full ? 9 : 2));
            }
            orders.insert(order);
        }
        CHECK(orders.size() == 12);
    }
}

TEST_CASE("synthetic subject: the grid of the full size is the real one") {
    const SyntheticSubject full(Size::full), small(Size::small);
    CHECK(full.grid() ==
          roi::Grid({40, 64, 64}, roi::scaling({-3.5, 3.75, 3.75}, {68.25, -118.125, -118.125})));
    CHECK(small.grid().shape() == roi::Shape(26, 34, 28));
    CHECK(small.grid().voxel_size() == roi::Point(5.25, 5.625, 5.625));
    // Head and masks lie at the same millimetres in both: the boxes have one centre.
    CHECK(small.grid().world({12.5, 16.5, 13.5}).norm() == 0.0);
    CHECK(full.grid().world({19.5, 31.5, 31.5}).norm() == 0.0);
    CHECK(small.anat().grid().world({25.5, 33.5, 27.5}).norm() == 0.0);
}

// Integers only, so these hold on every machine. Red after a change of the generator: raise
// `synthetic::version`, then put the new numbers here.
TEST_CASE("synthetic subject: the voxels are the same everywhere") {
    SyntheticSubject small(Size::small);
    Checksum run;
    roi::Volume<std::int16_t> volume(small.grid());
    std::int16_t highest = 0;
    for (std::int64_t frame = 0; frame < small.frames(); ++frame) {
        small.frame(frame, volume.values());
        run.add(volume);
        REQUIRE(*std::min_element(volume.begin(), volume.end()) >= 0);
        highest = std::max(highest, *std::max_element(volume.begin(), volume.end()));
    }
    CHECK(highest < 4095);  // twelve bits, nowhere at the limit
    CHECK(run.value() == 0xf139404f17061658u);
    CHECK(checksum(small.anat()) == 0x3b32880146faf9dbu);
    CHECK(checksum(small.mask_vt()) == 0x668a9fde60012ce5u);

    SyntheticSubject full(Size::full);
    CHECK(checksum(full.frame(700)) == 0x2f7c9c50461ec2e7u);
    CHECK(checksum(full.mask_vt()) == 0x71d4a839899b4cb5u);
    CHECK(checksum(SyntheticSubject(Size::small, 2).frame(0)) != checksum(small.frame(0)));
}

TEST_CASE("synthetic subject: a volume does not depend on those made before") {
    SyntheticSubject a(Size::small, 3), b(Size::small, 3);
    const auto late = checksum(a.frame(37));
    (void)b.frame(36);
    (void)b.frame(299);
    CHECK(checksum(b.frame(37)) == late);
}

TEST_CASE("synthetic subject: masks lie in each other and in both hemispheres") {
    for (const auto size : {Size::small, Size::full}) {
        const SyntheticSubject subject(size);
        const auto vt = subject.mask_vt();
        CHECK(inside(vt, subject.mask_brain()));
        if (size == Size::full) {
            CHECK(roi::count(vt) > 400);  // the real ones have 464 to 577 voxels
            CHECK(roi::count(vt) < 700);
        }
        for (const auto preference : {Preference::faces, Preference::houses}) {
            const auto whole = subject.mask_of(preference, false), core = subject.mask_of(preference, true);
            CHECK(inside(whole, vt));
            CHECK(inside(core, whole));
            CHECK(roi::count(core) < roi::count(whole));
            CHECK(roi::count(whole) < roi::count(vt));
            const auto half = subject.grid().shape().x() / 2;
            std::array<std::int64_t, 2> sides{};
            for (std::int64_t i = 0; i < core.size(); ++i) {
                if (core[i]) ++sides[subject.grid().shape().voxel(i)[0] < half ? 0 : 1];
            }
            CHECK(sides[0] > 0);
            CHECK(sides[1] > 0);
        }
        const auto faces = subject.mask_of(Preference::faces, false);
        const auto houses = subject.mask_of(Preference::houses, false);
        CHECK(roi::count(roi::logical_and(faces, houses)) == 0);
    }
}

TEST_CASE("synthetic subject: the files are a Haxby folder and hold what was generated") {
    const test::TemporaryFolder folder;
    std::int64_t written = 0;
    const auto files = examples::ensure_synthetic_subject(
        folder / "data", Size::small, 1, [&](std::int64_t finished, std::int64_t) { written = finished; });
    CHECK(written == 300);
    CHECK(files.number == 2);

    SyntheticSubject subject(Size::small, 1);
    const auto run = roi::load4d<std::int16_t>(files.bold);
    REQUIRE(run.frames() == subject.frames());
    CHECK(run.grid() == subject.grid());
    CHECK(roi::repetition_time(run.metadata()) == files.repetition_time);
    for (const std::int64_t frame : {0, 1, 150, 299}) {
        const auto expected = subject.frame(frame);
        CHECK(std::equal(expected.begin(), expected.end(), run.frame(frame).values().begin()));
    }
    const auto table = roi::read_table(files.labels);
    CHECK(table.columns() == Names{"labels", "chunks"});
    CHECK(table["labels"] == roi::Column(subject.labels()));
    CHECK(table["chunks"].unique().size() == 12);
    CHECK(table["chunks"][299] == "11");

    const auto same = [](const std::string& path, const roi::Mask& mask) {
        const auto loaded = roi::load<bool>(path);
        return loaded.grid() == mask.grid() && std::equal(mask.begin(), mask.end(), loaded.begin());
    };
    CHECK(same(files.mask_vt, subject.mask_vt()));
    CHECK(same(files.mask_face, subject.mask_of(Preference::faces, false)));
    CHECK(same(files.mask_house, subject.mask_of(Preference::houses, false)));
    CHECK(same(files.mask_face_little, subject.mask_of(Preference::faces, true)));
    CHECK(same(files.mask_house_little, subject.mask_of(Preference::houses, true)));
    CHECK(same(files.mask, subject.mask_brain()));
    CHECK(checksum(roi::load<std::int16_t>(files.anat)) == checksum(subject.anat()));

    SECTION("the same subject is not made twice") {
        test::write_file(files.bold, "untouched");
        (void)examples::ensure_synthetic_subject(folder / "data", Size::small, 1);
        CHECK(test::read_file(files.bold) == "untouched");
    }
    SECTION("another seed replaces it") {
        (void)examples::ensure_synthetic_subject(folder / "data", Size::small, 2);
        const auto bold = roi::load4d<std::int16_t>(files.bold);
        CHECK(checksum(bold.frame(5)) == checksum(SyntheticSubject(Size::small, 2).frame(5)));
    }
    SECTION("a file that is missing is made again") {
        std::filesystem::remove(files.mask_vt.path());
        (void)examples::ensure_synthetic_subject(folder / "data", Size::small, 1);
        CHECK(files.mask_vt.exists());
    }
    SECTION("one that is not what its file says is made again") {
        test::write_file(folder / "data/SYNTHETIC.txt", "half");
        test::write_file(files.bold, "half");
        (void)examples::ensure_synthetic_subject(folder / "data", Size::small, 1);
        CHECK(roi::load4d<std::int16_t>(files.bold).frames() == 300);
    }
    SECTION("one that is interrupted leaves nothing, or the one that was there") {
        struct Interrupted {};
        const auto interrupt = [](std::int64_t finished, std::int64_t) {
            if (finished > 5) throw Interrupted{};
        };
        CHECK_THROWS_AS(examples::ensure_synthetic_subject(folder / "new", Size::small, 1, interrupt),
                        Interrupted);
        CHECK_FALSE(std::filesystem::exists(folder / "new"));
        const auto before = test::read_file(files.labels), old = test::read_file(files.bold);
        CHECK_THROWS_AS(examples::ensure_synthetic_subject(folder / "data", Size::small, 2, interrupt),
                        Interrupted);
        CHECK(test::read_file(files.bold) == old);
        CHECK(test::read_file(files.labels) == before);
        CHECK(test::read_file(folder / "data/SYNTHETIC.txt") == examples::synthetic::marker(Size::small, 1));
    }
}

TEST_CASE("synthetic subject: real data are never replaced") {
    const test::TemporaryFolder folder;
    const auto refused = [](const std::string& path) {
        try {
            (void)examples::ensure_synthetic_subject(path);
        } catch (const roi::FileError& error) {
            return error.code() == roi::ErrorCode::unwritable;
        }
        return false;
    };
    std::filesystem::create_directories(folder / "a/subj2");
    test::write_file(folder / "a/subj2/bold.nii.gz", "precious");
    CHECK(refused(folder / "a"));
    CHECK(test::read_file(folder / "a/subj2/bold.nii.gz") == "precious");
    std::filesystem::create_directories(folder / "b");
    test::write_file(folder / "b/mask.nii.gz", "precious");
    CHECK(refused(folder / "b"));
    test::write_file(folder / "c", "a file");
    CHECK(refused(folder / "c"));
    CHECK_THROWS_AS(examples::ensure_synthetic_subject(""), roi::InvalidArgument);
}

// Sizes and count from scipy 1.10 on the same files (float32 smoothing, t-test in double).
TEST_CASE("synthetic subject: the notebook finds the six patches of the small size") {
    const test::TemporaryFolder folder;
    const auto subject = examples::ensure_synthetic_subject(folder.path());
    const auto conditions = roi::read_table(subject.labels)["labels"];
    const auto bold = roi::smooth(roi::load4d<float>(subject.bold), roi::Fwhm{6.0});
    const auto test = roi::ttest_ind(bold, conditions == "face", conditions == "house");
    const auto kept = roi::threshold(roi::neg_log10(test.p, {.max = 10.0f}), 5.0f);
    CHECK(roi::count(kept != 0.0f) == 94);
    const auto both = roi::logical_and(kept != 0.0f, roi::load<bool>(subject.mask_vt));
    const auto [atlas, found] = roi::label(roi::dilate(both));
    REQUIRE(found == 6);
    std::array<std::int64_t, 7> sizes{};
    for (const auto value : atlas) ++sizes[static_cast<std::size_t>(value)];
    CHECK(std::vector<std::int64_t>(sizes.begin() + 1, sizes.end()) ==
          std::vector<std::int64_t>{29, 16, 26, 26, 20, 23});

    // Patches of both kinds: what a region is made of prefers one of the pictures throughout.
    std::array<std::set<bool>, 7> prefers_faces;
    for (std::int64_t i = 0; i < atlas.size(); ++i) {
        if (both[i]) prefers_faces[static_cast<std::size_t>(atlas[i])].insert(test.t[i] > 0.0f);
    }
    CHECK(std::all_of(prefers_faces.begin() + 1, prefers_faces.end(),
                      [](const auto& s) { return s.size() == 1; }));
    CHECK(std::count(prefers_faces.begin() + 1, prefers_faces.end(), std::set<bool>{true}) == 2);
}
