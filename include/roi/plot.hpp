// Pictures: slices of images, box plots and courses, as SVG and PNG. Link the CMake target roi::plot.
#pragma once

#include <roi/plot/box_statistics.hpp>
#include <roi/plot/color.hpp>
#include <roi/plot/colormap.hpp>
#include <roi/plot/cut_coords.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_anat.hpp>
#include <roi/plot/plot_boxplot.hpp>
#include <roi/plot/plot_epi.hpp>
#include <roi/plot/plot_event_average.hpp>
#include <roi/plot/plot_img.hpp>
#include <roi/plot/plot_options.hpp>
#include <roi/plot/plot_roi.hpp>
#include <roi/plot/plot_stat_map.hpp>
