// What a test per voxel gives.
#pragma once

#include <roi/image/volume.hpp>

namespace roi {

/// Which tail of the distribution counts as evidence.
enum class Alternative {
    two_sided,  ///< the means differ
    less,       ///< the mean of the first sample is smaller
    greater,    ///< the mean of the first sample is larger
};

/// Maps of a t-test: NaN where a voxel allows no test.
struct TTest {
    Volume<double> t;   ///< the statistic
    Volume<double> p;   ///< probability of a t at least as extreme; 0 when smaller than a double can be
    Volume<double> df;  ///< degrees of freedom
    Alternative alternative = Alternative::two_sided;
};

}  // namespace roi
