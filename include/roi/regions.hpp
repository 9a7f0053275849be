// Connected components, what an atlas holds, and how masks agree.
#pragma once

#include <roi/regions/brain_mask.hpp>
#include <roi/regions/extract.hpp>
#include <roi/regions/intersect_masks.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/labelled_comprehension.hpp>
#include <roi/regions/measure.hpp>
#include <roi/regions/overlap.hpp>
#include <roi/regions/region_statistic.hpp>
#include <roi/regions/regions.hpp>
#include <roi/regions/relabel.hpp>
#include <roi/regions/spheres.hpp>
