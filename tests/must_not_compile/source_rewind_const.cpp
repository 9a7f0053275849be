// A `rewind` that cannot be called would be ignored, and a second scan find nothing.
// expected: roi::scan: .rewind. of this source does not fit: write .void rewind...
#include <roi/image/volume4d.hpp>
#include <roi/stream/scan.hpp>

struct Source {
    using value_type = float;
    struct Workspace {};
    const roi::Grid& grid() const { return run.grid(); }
    const roi::Metadata& metadata() const { return run.metadata(); }
    std::int64_t frames() const { return 1; }
    bool reads_ahead() const { return false; }
    void pull(roi::RawFrame& raw) { raw.index = 0; }
    std::span<const float> convert(const roi::RawFrame&, std::span<float>, Workspace&) const {
        return run.values();
    }
#ifdef ROI_CONTROL
    void rewind() {}
#else
    void rewind(int first) { (void)first; }
#endif
    roi::Volume4D<float> run;
};

int main() {
    Source source{roi::Volume4D<float>(roi::Shape(2, 2, 2), 1)};
    roi::scan(source);
    return 0;
}
