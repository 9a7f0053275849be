// Connected components and what an atlas holds.
#pragma once

#include <roi/regions/extract.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/measure.hpp>
#include <roi/regions/region_statistic.hpp>
#include <roi/regions/regions.hpp>
#include <roi/regions/relabel.hpp>
#include <roi/regions/spheres.hpp>
