// Which types are voxels; all of it is checked by the compiler.
#include <roi/core/concepts.hpp>

#include "catch.hpp"
#include <complex>
#include <cstdint>
#include <string>

namespace {

template <class... T>
constexpr bool all_voxels = (roi::Voxel<T> && ...);
template <class... T>
constexpr bool no_voxel = !(roi::Voxel<T> || ...);

enum Plain { red };

static_assert(all_voxels<bool, float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t>);
static_assert(all_voxels<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, long, long long>);
static_assert(no_voxel<char, wchar_t, char8_t, char16_t, char32_t, long double, void, Plain>);
static_assert(no_voxel<const float, volatile int, float&, float*, std::string, std::complex<float>>);
#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 Wide;
static_assert(no_voxel<Wide>);
#endif

static_assert(roi::RealVoxel<float>);
static_assert(roi::RealVoxel<double>);
static_assert(!roi::RealVoxel<long double>);
static_assert(!roi::RealVoxel<int>);
static_assert(!roi::RealVoxel<const float>);

static_assert(roi::IntegerVoxel<std::int8_t>);
static_assert(roi::IntegerVoxel<std::uint64_t>);
static_assert(!roi::IntegerVoxel<bool>);
static_assert(!roi::IntegerVoxel<float>);

static_assert(roi::NumberVoxel<float>);
static_assert(roi::NumberVoxel<std::int16_t>);
static_assert(!roi::NumberVoxel<bool>);

template <class From, class To>
constexpr bool becomes = std::same_as<roi::RealOf<From>, To>;

// nilearn 0.14: integers of up to 32 bits are smoothed in float32, those of 64 bits in float64.
static_assert(becomes<std::int8_t, float>);
static_assert(becomes<std::uint8_t, float>);
static_assert(becomes<std::int16_t, float>);
static_assert(becomes<std::uint16_t, float>);
static_assert(becomes<std::int32_t, float>);
static_assert(becomes<std::uint32_t, float>);
static_assert(becomes<std::int64_t, double>);
static_assert(becomes<std::uint64_t, double>);
static_assert(becomes<float, float>);
static_assert(becomes<double, double>);

template <class From, class To>
constexpr bool held_by = std::same_as<roi::ExactReal<From>, To>;

static_assert(held_by<std::int8_t, float>);
static_assert(held_by<std::uint16_t, float>);
static_assert(held_by<std::int32_t, double>);
static_assert(held_by<std::uint64_t, double>);
static_assert(held_by<float, float>);
static_assert(held_by<double, double>);

}  // namespace

TEST_CASE("concepts: checked when this file was compiled") { SUCCEED(); }
