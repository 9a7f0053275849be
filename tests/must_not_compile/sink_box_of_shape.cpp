// A `box` that is none would be ignored, and every voxel be smoothed.
// expected: roi::scan: .box. of this sink does not fit: write .roi::Box box.. const.
#include <roi/image/volume4d.hpp>
#include <roi/stream/scan.hpp>

struct Sink {
    void begin(const roi::ScanInfo&) {}
    void frame(std::int64_t, std::span<const float>) {}
#ifdef ROI_CONTROL
    roi::Box box() const { return {}; }
#else
    roi::Shape box() const { return {}; }
#endif
};

int main() {
    Sink sink;
    roi::scan(roi::Volume4D<float>(roi::Shape(2, 2, 2), 3), sink);
    return 0;
}
