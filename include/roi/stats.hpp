// Statistics over time, a voxel at a time.
#pragma once

#include <roi/stats/cluster_table.hpp>
#include <roi/stats/correct.hpp>
#include <roi/stats/correlate.hpp>
#include <roi/stats/extremes.hpp>
#include <roi/stats/f_classif.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/p_values.hpp>
#include <roi/stats/permutation_clusters.hpp>
#include <roi/stats/permute.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/stats/tfce.hpp>
#include <roi/stats/threshold.hpp>
#include <roi/stats/ttest_1samp.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stats/variance.hpp>
