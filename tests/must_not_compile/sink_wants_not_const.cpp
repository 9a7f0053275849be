// A `wants` that cannot be asked of a const sink would be ignored, and every volume be shown.
// expected: roi::scan: .wants. of this sink does not fit: write .bool wants.std::int64_t frame. const.
#include <roi/image/volume4d.hpp>
#include <roi/stream/scan.hpp>

struct Sink {
    void begin(const roi::ScanInfo&) {}
    void frame(std::int64_t, std::span<const float>) {}
#ifdef ROI_CONTROL
    bool wants(std::int64_t) const { return true; }
#else
    bool wants(std::int64_t) { return true; }
#endif
};

int main() {
    Sink sink;
    roi::scan(roi::Volume4D<float>(roi::Shape(2, 2, 2), 3), sink);
    return 0;
}
