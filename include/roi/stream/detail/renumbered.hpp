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
        make_room(raw, frame_);  // memory may run out here, where nothing is borrowed yet
        borrow(raw, frame_);
        frame_.index = index;
    }
    ~Renumbered() { give_back(frame_); }
    Renumbered(const Renumbered&) = delete;
    Renumbered& operator=(const Renumbered&) = delete;

    [[nodiscard]] const RawFrame& frame() const { return frame_; }

private:
    static void make_room(const RawFrame& raw, RawFrame& frame) {
        frame.parts.resize(raw.parts.size());
        for (std::size_t k = 0; k < raw.parts.size(); ++k) make_room(raw.parts[k], frame.parts[k]);
    }
    static void borrow(const RawFrame& raw, RawFrame& frame) noexcept {
        frame.index = raw.index;
        // Only shown as const, as it is there.
        frame.bytes = Buffer<std::byte>::borrowed(const_cast<std::byte*>(raw.bytes.data()), raw.bytes.size());
        for (std::size_t k = 0; k < raw.parts.size(); ++k) borrow(raw.parts[k], frame.parts[k]);
    }
    static void give_back(RawFrame& frame) noexcept {
        frame.bytes.release();
        for (RawFrame& part : frame.parts) give_back(part);
    }

    RawFrame frame_;
};

}  // namespace roi::detail
