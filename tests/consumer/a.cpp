// One of two files that both include the whole library: what it defines must be allowed twice in a program.
#include <roi/roi.hpp>

#include <string>

roi::Labelling regions_of(const roi::Volume<float>& map);

int main() {
    roi::Volume<float> map(roi::Shape(5, 5, 5));
    map(1, 1, 1) = map(3, 3, 3) = 9.0f;
    const bool right = regions_of(map).count == 2 && std::string(roi::version) == ROI_PACKAGE_VERSION;
    return right ? 0 : 1;
}
