// Voxels of a mask as a matrix and back: nilearn's numbers, NaN, what is refused.
#include <roi/image/logical.hpp>
#include <roi/signals/apply_mask.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cmath>
#include <limits>
#include <vector>

namespace {

using roi::Shape;

/// A volume whose values are given with x slowest, as NumPy has them.
template <class T>
roi::Volume<T> in_numpys_order(const Shape& shape, const std::vector<T>& values) {
    roi::Volume<T> out(shape);
    std::size_t next = 0;
    for (std::int64_t x = 0; x < shape.x(); ++x) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            for (std::int64_t z = 0; z < shape.z(); ++z) out(x, y, z) = values[next++];
        }
    }
    return out;
}

roi::Mask mask_of_sheet() {
    const auto flags = in_numpys_order<std::uint8_t>(Shape(2, 2, 2), {1, 0, 0, 1, 1, 0, 0, 0});
    roi::Mask out(flags.grid());
    for (std::int64_t i = 0; i < out.size(); ++i) out[i] = flags[i] != 0;
    return out;
}

}  // namespace

TEST_CASE("apply_mask, unmask: nilearn's numbers") {
    const auto mask = mask_of_sheet();
    const auto data = in_numpys_order<double>(Shape(2, 2, 2), {0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(roi::apply_mask(data, mask) == Eigen::RowVector3d(0, 3, 4));
    const auto back = roi::unmask_volume(Eigen::Vector3d(7, 8, 9), mask);
    CHECK(test::same_bytes(back, in_numpys_order<double>(Shape(2, 2, 2), {7, 0, 0, 8, 9, 0, 0, 0})));
}

TEST_CASE("apply_mask, unmask: runs, in memory and streamed, there and back") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(5, 4, 3);
    roi::Mask mask(shape);
    for (std::int64_t i = 0; i < mask.size(); ++i) mask[i] = random() % 3 == 0;
    mask[7] = true;
    roi::Volume4D<float> run(shape, 9);
    for (float& value : run.values()) value = static_cast<float>(random() % 1000) * 0.25F;
    const auto values = roi::apply_mask(run, mask);
    CHECK(values.rows() == 9);
    CHECK(values.cols() == roi::count(mask));
    test::PlainSource source(run);
    CHECK(roi::apply_mask(source, mask, {.threads = 3}) == values);
    const auto back = roi::unmask(values, mask);
    for (std::int64_t t = 0; t < 9; ++t) {
        for (std::int64_t i = 0; i < mask.size(); ++i) {
            CHECK(back.frame(t).data()[i] == (mask[i] ? static_cast<double>(run.frame(t).data()[i]) : 0.0));
        }
    }
}

TEST_CASE("apply_mask, unmask: NaN and infinity, and what is refused") {
    const auto mask = mask_of_sheet();
    auto data = in_numpys_order<double>(Shape(2, 2, 2), {0, 1, 2, 3, 4, 5, 6, 7});
    data(0, 1, 1) = std::nan("");
    data(1, 0, 0) = std::numeric_limits<double>::infinity();
    CHECK(roi::apply_mask(data, mask) == Eigen::RowVector3d(0, 0, 0));
    CHECK(std::isnan(roi::apply_mask(data, mask, {.ensure_finite = false})[1]));
    CHECK(std::isinf(roi::apply_mask(data, mask, {.ensure_finite = false})[2]));
    CHECK_THROWS_AS((void)roi::apply_mask(data, roi::Mask(data.grid(), false)), roi::InvalidArgument);
    CHECK_THROWS_AS((void)roi::apply_mask(data, roi::Mask(Shape(2, 2, 3), true)), roi::GridMismatch);
    CHECK(test::contains(
        test::message_of<roi::InvalidArgument>([&] { (void)roi::unmask(Eigen::MatrixXd::Zero(2, 4), mask); }),
        "4 values a volume do not fit a mask of 3 voxels"));
}
