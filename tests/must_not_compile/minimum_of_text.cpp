// The smaller of two and powers are of volumes and numbers, and a range is of the values of an image.
// expected: roi: minimum takes volumes, runs and numbers.*roi: minimum takes volumes, runs and numbers
// expected: roi: maximum takes volumes, runs and numbers
// expected: roi: transform takes volumes, runs and numbers behind the function.*roi: transform takes the function first
// expected: roi: pow takes volumes, runs and numbers.*roi: pow takes volumes, runs and numbers.*roi: pow takes volumes, runs and numbers.*roi: pow takes volumes, runs and numbers
// expected: roi: value_range takes a volume, a run or a source: write value_range.open
// expected: roi: find_value_range takes a volume, a run or a source: write find_value_range.open
// errors: 11
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
    const auto least = roi::minimum(v, 1), most = roi::maximum(1, v), cube = roi::pow(v, 3);
    const auto f = [](float x) { return 2 * x; };
    const auto twice = roi::transform(f, v), again = roi::transform(f, v);
#else
    const auto result = roi::minimum(v, std::string("2"));
    const auto square = roi::pow(v, "2"), power = roi::pow("2", 2);
    const auto squares = roi::pow(roi::Volume4D<float>(v.grid(), 3), v.grid());
    const auto range = roi::value_range("a.nii"), found = *roi::find_value_range(v.grid());
    const auto least = roi::minimum("a.nii", "b.nii"), most = roi::maximum(1, "a.nii"),
               cube = roi::pow(3, "a.nii");
    const auto f = [](float x) { return 2 * x; };
    const auto twice = roi::transform(f, "a.nii"), again = roi::transform(v, f);
#endif
    return (result + square + power + least + most + cube + twice + again)[0] + squares(0, 0, 0, 0) ==
                   found.low - range.high
               ? 0
               : 1;
}
