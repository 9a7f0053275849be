// Header fields that travel: which are inherited, and how the repetition time is read.
#include <roi/image/metadata.hpp>

#include "catch.hpp"
#include <cstddef>
#include <limits>
#include <type_traits>

static_assert(std::is_nothrow_move_constructible_v<roi::Metadata>);
static_assert(static_cast<int>(roi::SpaceUnit::millimetre) == 2);
static_assert(static_cast<int>(roi::TimeUnit::second) == 8);
static_assert(static_cast<int>(roi::TimeUnit::millisecond) == 16);
static_assert(static_cast<int>(roi::TimeUnit::microsecond) == 24);
static_assert(roi::xform::scanner == 1 && roi::xform::aligned == 2 && roi::xform::mni == 4);

namespace {

roi::Metadata full() {
    roi::Metadata metadata;
    metadata.description = "subject 2";
    metadata.aux_file = "aux";
    metadata.intent = {3, "ttest", {10.0, 0.0, 0.0}};
    metadata.time_unit = roi::TimeUnit::millisecond;
    metadata.time_step = 2500.0;
    metadata.time_offset = 10.0;
    metadata.sform_code = roi::xform::mni;
    metadata.qform_code = roi::xform::scanner;
    metadata.forms = roi::FileForms{};
    metadata.slices.order = 3;
    metadata.display_min = -5.0;
    metadata.display_max = 700.0;
    metadata.extensions = {{6, {std::byte{'h'}, std::byte{'i'}}}};
    metadata.storage = {roi::Datatype::int16, 0.5, 10.0};
    return metadata;
}

}  // namespace

TEST_CASE("metadata: a result inherits everything but the range of the old values") {
    auto expected = full();
    expected.display_min = expected.display_max = 0.0;
    CHECK(roi::inherited(full()) == expected);
    CHECK(roi::inherited(full()) != full());
}

TEST_CASE("metadata: a single volume has no time axis") {
    auto expected = full();
    expected.display_min = expected.display_max = 0.0;
    expected.time_step = expected.time_offset = 0.0;
    CHECK(roi::inherited_by_volume(full()) == expected);
    CHECK(!roi::repetition_time(roi::inherited_by_volume(full())));
}

TEST_CASE("metadata: repetition time in seconds, whatever its unit") {
    const auto seconds = [](double step, roi::TimeUnit unit) {
        roi::Metadata metadata;
        metadata.time_step = step;
        metadata.time_unit = unit;
        return roi::repetition_time(metadata);
    };
    using roi::TimeUnit;
    CHECK(seconds(2.5, TimeUnit::second) == roi::Seconds{2.5});
    CHECK(seconds(2.5, TimeUnit::unknown) == roi::Seconds{2.5});
    CHECK(seconds(2500.0, TimeUnit::millisecond) == roi::Seconds{2.5});
    CHECK(seconds(2500000.0, TimeUnit::microsecond) == roi::Seconds{2.5});
    CHECK(!seconds(2.5, TimeUnit::hertz));
    CHECK(!seconds(2.5, TimeUnit::ppm));
    CHECK(!seconds(2.5, TimeUnit::radian_per_second));
    CHECK(!seconds(0.0, TimeUnit::second));
    CHECK(!seconds(-1.0, TimeUnit::second));
    CHECK(!seconds(std::numeric_limits<double>::quiet_NaN(), TimeUnit::second));
    CHECK(!roi::repetition_time(roi::Metadata{}));
}

TEST_CASE("metadata: every field counts in a comparison") {
    const auto differs = [](auto change) {
        auto other = full();
        change(other);
        return other != full();
    };
    CHECK(full() == full());
    CHECK(differs([](roi::Metadata& m) { m.description += "."; }));
    CHECK(differs([](roi::Metadata& m) { m.intent.parameters[2] = 1.0; }));
    CHECK(differs([](roi::Metadata& m) { m.forms->qform.handedness = -1.0; }));
    CHECK(differs([](roi::Metadata& m) { m.forms->affine(0, 3) = 1.0; }));
    CHECK(differs([](roi::Metadata& m) { m.forms.reset(); }));
    CHECK(differs([](roi::Metadata& m) { m.slices.duration = 1.0; }));
    CHECK(differs([](roi::Metadata& m) { m.extensions[0].bytes[1] = std::byte{'o'}; }));
    CHECK(differs([](roi::Metadata& m) { m.storage.slope = 2.0; }));
}
