// The volumes of a run are real numbers.
// expected: roi::transform of runs: f must return float or double, the values of the result
// errors: 1
#include <roi/io/open.hpp>
#include <roi/stream/transform.hpp>

int main() {
#ifdef ROI_CONTROL
    const auto result = roi::transform([](float x) { return x > 2 ? 1.0f : 0.0f; }, roi::open("a.nii"));
#else
    const auto result = roi::transform([](float x) { return x > 2; }, roi::open("a.nii"));
#endif
    return result.frames() == 0 ? 0 : 1;
}
