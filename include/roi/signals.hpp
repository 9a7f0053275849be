// Signals of regions, and tables of them.
#pragma once

#include <roi/signals/apply_mask.hpp>
#include <roi/signals/clean.hpp>
#include <roi/signals/clean_run.hpp>
#include <roi/signals/condition_average.hpp>
#include <roi/signals/condition_table.hpp>
#include <roi/signals/condition_values.hpp>
#include <roi/signals/confounds.hpp>
#include <roi/signals/eigenvariate.hpp>
#include <roi/signals/labels_masker.hpp>
#include <roi/signals/maps_of.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/signals/region_signals_options.hpp>
#include <roi/signals/signal_regions.hpp>
#include <roi/signals/signals.hpp>
#include <roi/signals/signals_to_image.hpp>
