// Images in memory: grids, volumes, runs, masks, and what chooses volumes of a run.
#pragma once

#include <roi/image/arithmetic.hpp>
#include <roi/image/box.hpp>
#include <roi/image/column.hpp>
#include <roi/image/comparison.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/logical.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/new_img_like.hpp>
#include <roi/image/selection.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
