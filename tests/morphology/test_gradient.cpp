#include <roi/image/logical.hpp>
#include <roi/morphology/gradient.hpp>

#include "masks.hpp"

using roi::Connectivity;
using roi::Mask;
using roi::Shape;
using test::truths;

TEST_CASE("edges and hats of the golden mask: counts of SciPy") {
    const auto block = test::golden_block();
    CHECK(roi::count(roi::dilate(block)) == 168);
    CHECK(roi::count(roi::erode(block)) == 5);
    CHECK(roi::count(roi::gradient(block)) == 163);
    CHECK(roi::count(roi::outer_gradient(block)) == 103);
    CHECK(roi::count(roi::inner_gradient(block)) == 60);
    CHECK(roi::count(roi::white_top_hat(block)) == 42);
    CHECK(roi::count(roi::black_top_hat(block)) == 1);
    CHECK(roi::black_top_hat(block)(2, 2, 2));
}

TEST_CASE("edges and hats are what one of two masks has and the other has not") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto without = [](const Mask& a, const Mask& b) {
        return truths(roi::logical_and(a, roi::logical_not(b)));
    };
    for (int trial = 0; trial < 100; ++trial) {
        const auto shape = test::random_shape(random);
        const auto mask = test::random_volume<bool>(shape, random, 0.4);
        roi::MorphologyOptions options{.structure = test::random_structure(random),
                                       .iterations = 1 + trial % 2};
        options.origin = test::random_origin(options.structure, random);
        options.border_value = trial % 4 == 0;
        if (trial % 3 == 0) options.mask = test::random_volume<bool>(shape, random, 0.7);
        INFO("trial " << trial << ", shape " << shape.to_string());
        const auto dilated = roi::dilate(mask, options), eroded = roi::erode(mask, options);
        CHECK(truths(roi::gradient(mask, options)) == without(dilated, eroded));
        CHECK(truths(roi::outer_gradient(mask, options)) == without(dilated, mask));
        CHECK(truths(roi::inner_gradient(mask.view(), options)) == without(mask, eroded));
        CHECK(truths(roi::white_top_hat(mask, options)) == without(mask, roi::opening(mask, options)));
        const roi::ClosingOptions closing{options.structure,    options.iterations, options.mask,
                                          options.border_value, options.origin,     trial % 2 == 0};
        CHECK(truths(roi::black_top_hat(mask, closing)) == without(roi::closing(mask, closing), mask));
    }
}
