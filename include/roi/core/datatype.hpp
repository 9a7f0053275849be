// The voxel types a NIfTI file can hold, under their NIfTI names and codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace roi {

/// Voxel type of a file, with the code of the NIfTI header field `datatype`.
enum class Datatype : std::int16_t {
    unknown = 0,
    uint8 = 2,
    int16 = 4,
    int32 = 8,
    float32 = 16,
    float64 = 64,
    int8 = 256,
    uint16 = 512,
    uint32 = 768,
    int64 = 1024,
    uint64 = 1280,
};

/// Bytes of one voxel; 0 for `unknown`.
[[nodiscard]] constexpr std::size_t size_of(Datatype type) {
    switch (type) {
        case Datatype::uint8:
        case Datatype::int8:
            return 1;
        case Datatype::int16:
        case Datatype::uint16:
            return 2;
        case Datatype::int32:
        case Datatype::uint32:
        case Datatype::float32:
            return 4;
        case Datatype::float64:
        case Datatype::int64:
        case Datatype::uint64:
            return 8;
        case Datatype::unknown:
            break;
    }
    return 0;
}

/// NIfTI's name, for example "int16".
[[nodiscard]] constexpr std::string_view name_of(Datatype type) {
    switch (type) {
        case Datatype::uint8:
            return "uint8";
        case Datatype::int8:
            return "int8";
        case Datatype::int16:
            return "int16";
        case Datatype::uint16:
            return "uint16";
        case Datatype::int32:
            return "int32";
        case Datatype::uint32:
            return "uint32";
        case Datatype::float32:
            return "float32";
        case Datatype::float64:
            return "float64";
        case Datatype::int64:
            return "int64";
        case Datatype::uint64:
            return "uint64";
        case Datatype::unknown:
            break;
    }
    return "unknown";
}

/// The file type with the same bytes as `T`; `bool` is written as uint8.
template <class T>
[[nodiscard]] constexpr Datatype datatype_of() {
    if constexpr (std::is_same_v<T, bool>) {
        return Datatype::uint8;
    } else if constexpr (std::is_floating_point_v<T>) {
        return sizeof(T) == 4 ? Datatype::float32 : Datatype::float64;
    } else if constexpr (std::is_signed_v<T>) {
        return sizeof(T) == 1   ? Datatype::int8
               : sizeof(T) == 2 ? Datatype::int16
               : sizeof(T) == 4 ? Datatype::int32
                                : Datatype::int64;
    } else {
        return sizeof(T) == 1   ? Datatype::uint8
               : sizeof(T) == 2 ? Datatype::uint16
               : sizeof(T) == 4 ? Datatype::uint32
                                : Datatype::uint64;
    }
}

/// Calls `action` with a value-initialised object of the C++ type that `type` stands for; not for `unknown`.
template <class Action>
void visit_type(Datatype type, Action&& action) {
    switch (type) {
        case Datatype::uint8:
            action(std::uint8_t{});
            break;
        case Datatype::int8:
            action(std::int8_t{});
            break;
        case Datatype::int16:
            action(std::int16_t{});
            break;
        case Datatype::uint16:
            action(std::uint16_t{});
            break;
        case Datatype::int32:
            action(std::int32_t{});
            break;
        case Datatype::uint32:
            action(std::uint32_t{});
            break;
        case Datatype::float32:
            action(float{});
            break;
        case Datatype::float64:
            action(double{});
            break;
        case Datatype::int64:
            action(std::int64_t{});
            break;
        case Datatype::uint64:
            action(std::uint64_t{});
            break;
        case Datatype::unknown:
            break;
    }
}

}  // namespace roi
