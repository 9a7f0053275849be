// A view of a constant volume does not write.
// expected: (read-only|not assignable|const-qualified)
#include <roi/image/volume.hpp>

int main() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2));
#ifdef ROI_CONTROL
    return map.view()(0, 0, 0) > 0.0f ? 1 : 0;
#else
    map.view()(0, 0, 0) = 1.0f;
#endif
}
