// Everything but plots: include this, or only the headers a program uses.
#pragma once

#include <roi/core.hpp>
#include <roi/datasets.hpp>
#include <roi/image.hpp>
#include <roi/io.hpp>
#include <roi/morphology.hpp>
#include <roi/regions.hpp>
#include <roi/signals.hpp>
#include <roi/spatial.hpp>
#include <roi/stats.hpp>
#include <roi/stream.hpp>
#include <roi/table.hpp>
