// A view of a temporary would look at voxels that are gone.
// expected: (deleted function|call to deleted member function).*view
#include <roi/image/volume.hpp>

roi::Volume<float> make() { return roi::Volume<float>(roi::Shape(2, 2, 2), 1.0f); }

int main() {
#ifdef ROI_CONTROL
    const auto volume = make();
    const auto view = volume.view();
#else
    const auto view = make().view();
#endif
    return view.size() == 8 ? 0 : 1;
}
