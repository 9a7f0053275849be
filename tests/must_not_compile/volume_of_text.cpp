// Voxels are numbers or bool.
// expected: (constraints? not satisfied|constraint failure|constraints not satisfied)
#include <roi/image/volume.hpp>

#include <string>

int main() {
#ifdef ROI_CONTROL
    using Voxels = roi::Volume<double>;
#else
    using Voxels = roi::Volume<std::string>;
#endif
    return Voxels(roi::Shape(1, 1, 1)).size() == 1 ? 0 : 1;
}
