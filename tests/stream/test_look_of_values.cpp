// What the values of an image look like, whole or joined from parts.
#include <roi/stream/look_of_values.hpp>
#include <roi/stream/scan.hpp>

#include "catch.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

using roi::ValueKind;

namespace {

template <class T>
ValueKind kind_of(const std::vector<T>& values) {
    roi::LookOfValues whole;
    whole.look_at(std::span<const T>(values));
    // The same of two parts, whichever is joined to the other; no pair is cut.
    const auto half = static_cast<std::ptrdiff_t>(values.size() / 2);
    for (const bool turned : {false, true}) {
        roi::LookOfValues a, b;
        a.look_at(std::span<const T>(values).first(static_cast<std::size_t>(half)));
        b.look_at(std::span<const T>(values).subspan(static_cast<std::size_t>(half)));
        (turned ? a : b).add(turned ? b : a);
        CHECK((turned ? a : b).kind() == whole.kind());
    }
    return whole.kind();
}

}  // namespace

TEST_CASE("look of values: masks, labels and what was measured") {
    CHECK(kind_of<float>({0, 0, 1, 1, 0, 1}) == ValueKind::mask);
    CHECK(kind_of<std::uint8_t>({255, 255, 0, 0, 255, 0}) == ValueKind::mask);
    CHECK(kind_of<float>({1, 1, 1, 1}) == ValueKind::mask);
    CHECK(kind_of<float>({0.5F, 0, 0.5F, 0}) == ValueKind::mask);
    CHECK(kind_of<float>({0.5F, 0.5F, 0.5F, 0.5F}) == ValueKind::measured);
    CHECK(kind_of<std::int16_t>({4, 4, 4, 0, 9, 9, 9, 0}) == ValueKind::labels);
    CHECK(kind_of<double>({4, 4, 4, std::nan(""), 9, 9, 9, 0}) == ValueKind::labels);
    CHECK(kind_of<double>({4, 4, 4, 0.5, 9, 9, 9, 0}) == ValueKind::measured);
    CHECK(kind_of<std::int16_t>({4, 5, 8, 0, 9, 2, 7, 0}) == ValueKind::measured);
    const double nan = std::nan("");
    CHECK(kind_of<double>({4, 4, nan, nan, nan, nan, nan, nan, 9, 9}) == ValueKind::labels);
    // NaN stands outside a mask, infinity in none; a single value is one only where it is 1.
    CHECK(kind_of<float>({0, 0, 1, std::nanf(""), std::nanf(""), 1, 0, 0}) == ValueKind::mask);
    CHECK(kind_of<float>({std::nanf(""), 1, 1, std::nanf("")}) == ValueKind::mask);
    CHECK(kind_of<float>({5, 5, std::nanf(""), std::nanf("")}) != ValueKind::mask);
    CHECK(kind_of<float>({0, 0, 1, INFINITY, 0, 1, 1, 0}) != ValueKind::mask);
    // What is not finite is no label.
    CHECK(kind_of<float>({-INFINITY, -INFINITY, -INFINITY, -INFINITY}) == ValueKind::measured);
    // Without two voxels side by side there is no patch.
    CHECK(kind_of<std::int16_t>({4, 0, 4, 0, 9, 0, 7, 0}) == ValueKind::measured);
}

TEST_CASE("look of values: of all volumes of a run, and of masks alone") {
    roi::Volume4D<float> run(roi::Shape(4, 1, 1), 2);
    for (std::int64_t i = 0; i < 8; ++i) run.data()[i] = i < 4 ? 3.0F : 5.0F;
    roi::LookOfValues look, of_masks(false);
    roi::scan(run, look, of_masks);
    CHECK(look.kind() == ValueKind::labels);
    CHECK(of_masks.kind() == ValueKind::measured);
    run.data()[7] = 5.25F;
    roi::scan(run, look);
    CHECK(look.kind() == ValueKind::measured);
    for (std::int64_t i = 0; i < 8; ++i) run.data()[i] = i == 5 ? 1.0F : 0.0F;
    roi::scan(run, look, of_masks);
    CHECK(look.kind() == ValueKind::mask);
    CHECK(of_masks.kind() == ValueKind::mask);
}
