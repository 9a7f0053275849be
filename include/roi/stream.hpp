// Runs that pass by volume by volume: sources, sinks and the scan that joins them.
#pragma once

#include <roi/stream/cached.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/keep_voxels.hpp>
#include <roi/stream/kept_voxels.hpp>
#include <roi/stream/look_of_values.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/repeated.hpp>
#include <roi/stream/run_arithmetic.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/select.hpp>
#include <roi/stream/sink.hpp>
#include <roi/stream/source.hpp>
#include <roi/stream/transform.hpp>
#include <roi/stream/value_range.hpp>
