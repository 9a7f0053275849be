// Widths and times: only explicit, only sensible values, sigma as nilearn computes it.
#include <roi/core/units.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include <limits>
#include <type_traits>

static_assert(!std::is_convertible_v<double, roi::Fwhm>);
static_assert(!std::is_convertible_v<double, roi::Seconds>);
static_assert(!std::is_constructible_v<roi::Fwhm, roi::Seconds>);
static_assert(!std::is_constructible_v<roi::Fwhm, double, double>);
static_assert(roi::Seconds{2.5} == roi::Seconds{2.5});

TEST_CASE("fwhm: one width for all axes or one per axis") {
    const roi::Fwhm same(6.0);
    const roi::Fwhm each(1.0, 0.0, 3.5);
    for (int axis = 0; axis < 3; ++axis) CHECK(same[axis] == 6.0);
    CHECK(each[0] == 1.0);
    CHECK(each[1] == 0.0);
    CHECK(each[2] == 3.5);
    CHECK(same == roi::Fwhm(6.0, 6.0, 6.0));
    CHECK(same != each);
}

TEST_CASE("fwhm: sigma in voxels") {
    const roi::Fwhm six(6.0);
    CHECK(six.sigma(0, 3.5) == Approx(0.7279901145325877).epsilon(1e-15));
    CHECK(six.sigma(1, 3.75) == Approx(0.6794574402304152).epsilon(1e-15));
    CHECK(roi::Fwhm(4.0).sigma(2, 4.0) == Approx(0.42466090014400953).epsilon(1e-15));
    CHECK(roi::Fwhm(0.0).sigma(0, 2.0) == 0.0);
}

TEST_CASE("fwhm: negative, NaN and infinite widths are refused, whichever axis they are for") {
    const double infinity = std::numeric_limits<double>::infinity();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double bad : {-1.0, -1e-300, nan, infinity, -infinity}) {
        CHECK_THROWS_AS(roi::Fwhm(bad), roi::InvalidArgument);
        CHECK_THROWS_AS(roi::Fwhm(bad, 1.0, 1.0), roi::InvalidArgument);
        CHECK_THROWS_AS(roi::Fwhm(1.0, bad, 1.0), roi::InvalidArgument);
        CHECK_THROWS_AS(roi::Fwhm(1.0, 1.0, bad), roi::InvalidArgument);
    }
    CHECK_NOTHROW(roi::Fwhm(-0.0));
    const auto message = test::message_of<roi::InvalidArgument>([] { (void)roi::Fwhm(4.0, -2.5, 4.0); });
    CHECK(test::contains(message, "fwhm"));
    CHECK(test::contains(message, "0 or more"));
    CHECK(test::contains(message, "-2.5"));
}
