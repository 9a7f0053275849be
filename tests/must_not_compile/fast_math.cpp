// Without NaN and with sums in any order the results are wrong, so the first header says so.
// flags: -ffast-math
// expected: roi needs exact floating point: compile without -ffast-math
#include <roi/core/concepts.hpp>

int main() { return roi::NumberVoxel<float> ? 0 : 1; }
