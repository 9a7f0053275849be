// A sink for volumes of double is no sink for a run of float, and the message says what to write.
// expected: roi::scan: .frame. of this sink does not take volumes of this source's type
#include <roi/image/volume4d.hpp>
#include <roi/stream/scan.hpp>

struct Sink {
    void begin(const roi::ScanInfo&) {}
#ifdef ROI_CONTROL
    template <roi::RealVoxel T>
    void frame(std::int64_t, std::span<const T>) {}
#else
    void frame(std::int64_t, std::span<const double>) {}
#endif
};

int main() {
    Sink sink;
    roi::scan(roi::Volume4D<float>(roi::Shape(2, 2, 2), 3), sink);
    return 0;
}
