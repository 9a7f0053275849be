// What a test per voxel gives.
#pragma once

#include <roi/image/volume.hpp>

#include <cstdint>
#include <optional>

namespace roi {

/// Which tail of the distribution counts as evidence.
enum class Alternative {
    two_sided,  ///< the means differ
    less,       ///< the mean of the first sample is smaller
    greater,    ///< the mean of the first sample is larger
};

/// What a NaN voxel does to a test.
enum class NanPolicy {
    propagate,  ///< the voxel's result is NaN
    omit,       ///< the value is left out, as if the voxel had one volume less
    raise,      ///< InvalidArgument, naming the voxel and the volume
};

/// Maps of a t-test: NaN where a voxel allows no test.
struct TTest {
    Volume<double> t;   ///< the statistic
    Volume<double> p;   ///< probability of a t at least as extreme; 0 when smaller than a double can be
    Volume<double> df;  ///< degrees of freedom
    Alternative alternative = Alternative::two_sided;
};

/// Maps of an F test: NaN where a voxel allows no test.
struct FTest {
    Volume<double> f;  ///< the statistic
    Volume<double> p;  ///< probability of an F at least as large; 0 when smaller than a double can be
    double df1 = 0.0;  ///< degrees of freedom of the numerator
    double df2 = 0.0;  ///< degrees of freedom of the denominator
    std::optional<Volume<double>> df2_map = {};  ///< the same for every voxel, where NaN was left out

    /// Degrees of freedom of the denominator in a voxel.
    [[nodiscard]] double df2_of(std::int64_t voxel) const { return df2_map ? (*df2_map)[voxel] : df2; }
};

/// Maps of a correlation with one signal: NaN where a voxel has none.
struct Correlation {
    Volume<double> r;  ///< Pearson's coefficient
    Volume<double> t;  ///< r sqrt(df / (1 - r^2)); infinite for a perfect fit
    Volume<double> p;  ///< probability of an r at least as extreme; 0 when smaller than a double can be
    double df = 0.0;   ///< number of volumes less 2, or with chunks less those and 1
    Alternative alternative = Alternative::two_sided;
    std::optional<Volume<double>> df_map = {};  ///< df of every voxel, where NaN was left out

    /// Degrees of freedom in a voxel.
    [[nodiscard]] double df_of(std::int64_t voxel) const { return df_map ? (*df_map)[voxel] : df; }
};

}  // namespace roi
