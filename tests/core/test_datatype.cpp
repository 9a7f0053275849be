// Voxel types of files: NIfTI's codes, names and sizes, and the C++ types they stand for.
#include <roi/core/datatype.hpp>

#include "catch.hpp"
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

using roi::Datatype;

static_assert(roi::datatype_of<bool>() == Datatype::uint8);
static_assert(roi::datatype_of<std::int8_t>() == Datatype::int8);
static_assert(roi::datatype_of<std::uint16_t>() == Datatype::uint16);
static_assert(roi::datatype_of<long long>() == Datatype::int64);
static_assert(roi::datatype_of<unsigned long long>() == Datatype::uint64);
static_assert(roi::datatype_of<float>() == Datatype::float32);
static_assert(roi::datatype_of<double>() == Datatype::float64);
static_assert(roi::size_of(Datatype::unknown) == 0);
static_assert(roi::name_of(Datatype::unknown) == "unknown");

namespace {

struct Known {
    Datatype type;
    int code;
    std::string name;
    std::size_t size;
};

const std::vector<Known> all{
    {Datatype::uint8, 2, "uint8", 1},      {Datatype::int16, 4, "int16", 2},
    {Datatype::int32, 8, "int32", 4},      {Datatype::float32, 16, "float32", 4},
    {Datatype::float64, 64, "float64", 8}, {Datatype::int8, 256, "int8", 1},
    {Datatype::uint16, 512, "uint16", 2},  {Datatype::uint32, 768, "uint32", 4},
    {Datatype::int64, 1024, "int64", 8},   {Datatype::uint64, 1280, "uint64", 8},
};

}  // namespace

TEST_CASE("datatype: codes, names and sizes are NIfTI's") {
    for (const auto& known : all) {
        INFO(known.name);
        CHECK(static_cast<int>(known.type) == known.code);
        CHECK(std::string(roi::name_of(known.type)) == known.name);
        CHECK(roi::size_of(known.type) == known.size);
    }
}

TEST_CASE("datatype: visiting gives the C++ type with the same code, size and kind") {
    for (const auto& known : all) {
        INFO(known.name);
        int calls = 0;
        roi::visit_type(known.type, [&](auto value) {
            using T = decltype(value);
            ++calls;
            CHECK(roi::datatype_of<T>() == known.type);
            CHECK(sizeof(T) == known.size);
            CHECK(std::is_floating_point_v<T> == (known.name[0] == 'f'));
            CHECK(std::is_unsigned_v<T> == (known.name[0] == 'u'));
            CHECK(value == T{});
        });
        CHECK(calls == 1);
    }
    roi::visit_type(Datatype::unknown, [](auto) { FAIL("unknown stands for no type"); });
}
