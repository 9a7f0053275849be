// The least and the largest value of volumes, runs and sources.
#include <roi/stream/value_range.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cstdint>
#include <limits>

using roi::Shape;
using roi::ValueRange;

TEST_CASE("value_range: of volumes of any type, without what is not finite") {
    roi::Volume<float> volume(Shape(3, 2, 1), 4.0f);
    volume[1] = -2.5f;
    volume[5] = 7.0f;
    CHECK(roi::value_range(volume) == ValueRange{-2.5, 7});
    volume[1] = std::numeric_limits<float>::quiet_NaN();
    volume[5] = std::numeric_limits<float>::infinity();
    CHECK(roi::value_range(volume) == ValueRange{4, 4});
    CHECK(roi::value_range(roi::Labels(Shape(2, 2, 2), -3)) == ValueRange{-3, -3});
    CHECK(roi::value_range(roi::Mask(Shape(2, 2, 2), true)) == ValueRange{1, 1});
    const auto refused = [](const auto& image) {
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::value_range(image); });
    };
    CHECK(
        test::contains(refused(roi::Volume<double>(Shape(1, 1, 1), std::numeric_limits<double>::quiet_NaN())),
                       "no finite value"));
    CHECK(test::contains(refused(roi::Labels()), "no finite value"));
}

TEST_CASE("value_range: nothing is found where nothing is finite") {
    const roi::Volume4D<float> run(Shape(2, 1, 1), 2, std::numeric_limits<float>::quiet_NaN());
    roi::RangeOfValues range;
    roi::scan(run, range);
    CHECK_FALSE(range.found().has_value());
    CHECK_THROWS_AS(range.result(), roi::InvalidArgument);
    CHECK_FALSE(roi::find_value_range(run).has_value());
    CHECK_FALSE(roi::find_value_range(roi::Volume<float>(run.frame(0))).has_value());
    CHECK_FALSE(roi::find_value_range(roi::Labels()).has_value());
    CHECK(roi::find_value_range(roi::Labels(Shape(2, 2, 2), -3)) == ValueRange{-3, -3});
}

TEST_CASE("value_range: of runs and sources is that of all volumes") {
    roi::Volume4D<std::int16_t> run(Shape(3, 2, 1), 4, std::int16_t{5});
    run(2, 1, 0, 1) = -7;
    run(0, 0, 0, 3) = 300;
    CHECK(roi::value_range(run) == ValueRange{-7, 300});
    const auto real = test::converted<float>(run);
    CHECK(roi::value_range(real) == ValueRange{-7, 300});
    CHECK(roi::value_range(test::PlainSource<float>(real)) == ValueRange{-7, 300});
}
