// A linear sink is shown volumes as they are stored: one that takes float only would fail far from here.
// expected: roi::scan: a linear sink is shown volumes as they are stored
#include <roi/image/volume4d.hpp>
#include <roi/stream/scan.hpp>

struct Sink {
    static constexpr bool linear = true;
    void begin(const roi::ScanInfo&) {}
#ifdef ROI_CONTROL
    template <roi::NumberVoxel T>
    void update(const roi::FrameBlock<T>&, roi::VoxelRange) {}
#else
    void update(const roi::FrameBlock<float>&, roi::VoxelRange) {}
#endif
    template <class Filter>
    void finish(const Filter&) {}
};

int main() {
    Sink sink;
    roi::scan(roi::Volume4D<float>(roi::Shape(2, 2, 2), 3), sink);
    return 0;
}
