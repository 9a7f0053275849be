// `finish` alone is never called.
// expected: roi::scan: a sink with .finish. also needs .static constexpr bool linear = true.
#include <roi/image/volume4d.hpp>
#include <roi/stream/scan.hpp>

struct Sink {
#ifdef ROI_CONTROL
    static constexpr bool linear = true;
#endif
    void begin(const roi::ScanInfo&) {}
    template <roi::NumberVoxel T>
    void update(const roi::FrameBlock<T>&, roi::VoxelRange) {}
    template <class Filter>
    void finish(const Filter&) {}
};

int main() {
    Sink sink;
    roi::scan(roi::Volume4D<float>(roi::Shape(2, 2, 2), 3), sink);
    return 0;
}
