// Masks that grow, shrink, are smoothed and filled.
#pragma once

#include <roi/morphology/dilate.hpp>
#include <roi/morphology/distance.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/fill_holes.hpp>
#include <roi/morphology/gradient.hpp>
#include <roi/morphology/hit_or_miss.hpp>
#include <roi/morphology/opening.hpp>
#include <roi/morphology/propagate.hpp>
#include <roi/morphology/structure.hpp>
