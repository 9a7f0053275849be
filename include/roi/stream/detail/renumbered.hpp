// A pulled volume under another number, for sources made of other sources.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/stream/source.hpp>

#include <cstddef>
#include <cstdint>

namespace roi::detail {

/// A raw volume with the number that an inner source knows it by; its bytes are looked at, not copied.
class Renumbered {
public:
    Renumbered(const RawFrame& raw, std::int64_t index) {
        frame_.index = index;
        // Only shown as const, as it is there.
        frame_.bytes =
            Buffer<std::byte>::borrowed(const_cast<std::byte*>(raw.bytes.data()), raw.bytes.size());
    }
    ~Renumbered() { frame_.bytes.release(); }
    Renumbered(const Renumbered&) = delete;
    Renumbered& operator=(const Renumbered&) = delete;

    [[nodiscard]] const RawFrame& frame() const { return frame_; }

private:
    RawFrame frame_;
};

}  // namespace roi::detail
