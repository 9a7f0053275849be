// What gzip.hpp asks of a compression library.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace roi::detail {

/// What one step of decoding did.
struct InflateStep {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    bool finished = false;          ///< the member ended, its checksum and length are right
    const char* problem = nullptr;  ///< why the data are not gzip, or nothing
};

/// Decodes gzip members, one after the other.
class Inflater {
public:
    virtual ~Inflater() = default;

    /// Prepares for the first byte of a member.
    virtual void restart() = 0;

    /// Decodes from `in` to `out` until one of them is used up or the member ends.
    [[nodiscard]] virtual InflateStep step(std::span<const std::byte> in, std::span<std::byte> out) = 0;
};

/// Encodes one gzip member without name and time, so that equal input gives equal bytes.
class Deflater {
public:
    using Sink = std::function<void(std::span<const std::byte>)>;

    virtual ~Deflater() = default;

    /// Encodes all of `in`; `last` ends the member. Hands what is ready to `sink`.
    virtual void write(std::span<const std::byte> in, bool last, const Sink& sink) = 0;
};

}  // namespace roi::detail
