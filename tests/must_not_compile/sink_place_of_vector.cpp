// A `place` that is no memory would be ignored, and every volume be copied.
// expected: roi::scan: .place. of this sink does not fit
#include <roi/image/volume4d.hpp>
#include <roi/stream/scan.hpp>

#include <vector>

struct Sink {
    void begin(const roi::ScanInfo&) {}
    void frame(std::int64_t, std::span<const float>) {}
#ifdef ROI_CONTROL
    std::span<float> place(std::int64_t) { return memory; }
#else
    std::vector<float>& place(std::int64_t) { return memory; }
#endif
    std::vector<float> memory;
};

int main() {
    Sink sink;
    roi::scan(roi::Volume4D<float>(roi::Shape(2, 2, 2), 0), sink);
    return 0;
}
