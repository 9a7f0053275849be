// Runs that are written as they pass: in the type of their values, or as the whole numbers that they are.
#include <roi/io/load.hpp>
#include <roi/io/open.hpp>
#include <roi/io/save.hpp>
#include <roi/io/save_source.hpp>
#include <roi/stream/select.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using roi::Datatype;

TEST_CASE("save: a source as the run in memory, whole numbers in their own type") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const test::TemporaryFolder folder;
    roi::Volume4D<std::int16_t> stored(roi::Shape(5, 4, 3), 7);
    for (auto& value : stored.values()) value = static_cast<std::int16_t>(random());
    auto values = test::converted<float>(stored);
    roi::save(values, folder / "whole.nii", {.datatype = Datatype::float32});
    roi::save(test::PlainSource<float>(values), folder / "passed.nii");
    CHECK(test::read_file(folder / "whole.nii") == test::read_file(folder / "passed.nii"));

    roi::save(test::PlainSource<float>(values), folder / "short.nii", {.datatype = Datatype::int16});
    CHECK(roi::read_header(folder / "short.nii").datatype == Datatype::int16);
    CHECK(test::same_bytes(roi::load4d<std::int16_t>(folder / "short.nii"), stored));

    values(2, 1, 0, 4) = 0.5F;
    const auto message = test::message_of<roi::InvalidArgument>([&] {
        roi::save(test::PlainSource<float>(values), folder / "short.nii", {.datatype = Datatype::int16});
    });
    CHECK(test::contains(message, "short.nii: volume 4: "));
    CHECK(test::contains(message, "voxel (2, 1, 0) is 0.5"));
    CHECK(
        test::same_bytes(roi::load4d<std::int16_t>(folder / "short.nii"), stored));  // the old file is whole
}

TEST_CASE("open: what goes wrong inside a run says in which volume") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const test::TemporaryFolder folder;
    const auto path = folder / "a.nii.gz";
    roi::save(test::random_run<float>(roi::Shape(15, 14, 13), 7, random), path);
    auto bytes = test::read_file(path);
    bytes.resize(bytes.size() / 2);
    test::write_file(path, bytes);
    auto source = roi::open<float>(path);
    roi::RawFrame raw;
    int volume = 0;
    const auto message = test::message_of<roi::FileError>([&] {
        for (; volume < 7; ++volume) source.pull(raw);
    });
    CHECK((volume == 3 || volume == 2));
    CHECK(message.find(path + ": volume " + std::to_string(volume) + ": ") == 0);
    CHECK(message.find(path, 1) == std::string::npos);
}

TEST_CASE("save: a number that float has rounded is said to be none of the file's") {
    const test::TemporaryFolder folder;
    roi::Volume4D<std::int32_t> run(roi::Shape(2, 1, 1), 3, 5);
    run(0, 0, 0, 1) = 2147483647;
    const auto path = folder / "labels.nii", out = folder / "out.nii";
    roi::save(run, path, {.datatype = Datatype::int32});
    const roi::SaveOptions as_stored{.like_reference = true};
    const auto message = test::message_of<roi::InvalidArgument>(
        [&] { roi::save(roi::select(roi::open(path), {1}), out, as_stored); });
    CHECK(test::contains(message,
                         "volume 0: as: voxel (0, 0, 0) is 2147483648, which the new type does not "
                         "hold; float rounds what the file it comes from holds: read that as double"));
    roi::save(roi::select(roi::open<double>(path), {1}), out, as_stored);
    CHECK(roi::load4d<std::int32_t>(out)(0, 0, 0, 0) == 2147483647);
    // What fits is said by the number of the file.
    run(0, 0, 0, 1) = 16777217;
    roi::save(run, path, {.datatype = Datatype::int32});
    std::vector<std::string> said;
    auto aloud = as_stored;
    aloud.warning = [&](std::string_view line) { said.emplace_back(line); };
    roi::save(roi::select(roi::open(path), {1}), out, aloud);
    CHECK(said == std::vector<std::string>{
                      path + ": 1 voxel is a whole number beyond 2^24 with more digits than float holds, "
                             "16777217; the last ones are lost; read them as double"});
}
