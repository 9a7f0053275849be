// The smaller of two and powers are of volumes and numbers, and a range is of the values of an image.
// expected: roi: minimum takes volumes, runs and numbers
// expected: roi: pow takes volumes, runs and numbers.*roi: pow takes volumes, runs and numbers.*roi: pow takes volumes, runs and numbers
// expected: roi: value_range takes a volume, a run or a source: write value_range.open
// expected: roi: find_value_range takes a volume, a run or a source: write find_value_range.open
// errors: 6
#include <roi/image/arithmetic.hpp>
#include <roi/stream/run_arithmetic.hpp>
#include <roi/stream/value_range.hpp>

#include <string>

int main() {
    const roi::Volume<float> v(roi::Shape(2, 2, 2));
#ifdef ROI_CONTROL
    const auto result = roi::minimum(v, 2);
    const auto square = roi::pow(v, 2), power = roi::pow(2, v);
    const auto squares = roi::pow(roi::Volume4D<float>(v.grid(), 3), 2);
    const auto range = roi::value_range(v), found = *roi::find_value_range(v);
#else
    const auto result = roi::minimum(v, std::string("2"));
    const auto square = roi::pow(v, "2"), power = roi::pow("2", 2);
    const auto squares = roi::pow(roi::Volume4D<float>(v.grid(), 3), v.grid());
    const auto range = roi::value_range("a.nii"), found = *roi::find_value_range(v.grid());
#endif
    return (result + square + power)[0] + squares(0, 0, 0, 0) == found.low - range.high ? 0 : 1;
}
