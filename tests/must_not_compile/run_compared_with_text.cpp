// Runs are compared with runs, volumes and numbers.
// expected: roi: > takes volumes, runs and numbers
// errors: 1
#include <roi/stream/run_arithmetic.hpp>

#include <string>

int main() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3, 1.0f);
#ifdef ROI_CONTROL
    const auto above = run > 0.5;
#else
    const auto above = run > std::string("0.5");
#endif
    return above(0, 0, 0, 0) == 1.0f ? 0 : 1;
}
