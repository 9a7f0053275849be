// Runs are calculated with runs, volumes and numbers.
// expected: roi: . takes volumes, runs and numbers
// errors: 1
#include <roi/stream/run_arithmetic.hpp>

#include <string>

int main() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3, 1.0f);
#ifdef ROI_CONTROL
    const auto sum = run + 1;
#else
    const auto sum = run + std::string("1");
#endif
    return sum(0, 0, 0, 0) == 2.0f ? 0 : 1;
}
