// The smaller of two is of volumes and numbers.
// expected: roi: minimum takes volumes, runs and numbers
// errors: 1
#include <roi/image/arithmetic.hpp>

#include <string>

int main() {
    const roi::Volume<float> v(roi::Shape(2, 2, 2));
#ifdef ROI_CONTROL
    const auto result = roi::minimum(v, 2);
#else
    const auto result = roi::minimum(v, std::string("2"));
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
