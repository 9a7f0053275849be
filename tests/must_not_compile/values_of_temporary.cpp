// The values of a temporary are gone before a loop over them starts.
// expected: (deleted function|call to deleted member function).*values
#include <roi/image/volume.hpp>

roi::Volume<float> make() { return roi::Volume<float>(roi::Shape(2, 2, 2), 1.0f); }

int main() {
    float sum = 0.0f;
#ifdef ROI_CONTROL
    const auto volume = make();
    for (const float value : volume.values()) sum += value;
#else
    for (const float value : make().values()) sum += value;
#endif
    return sum == 8.0f ? 0 : 1;
}
