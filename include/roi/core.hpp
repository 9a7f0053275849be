// Words that every header uses: errors, units, voxel types, text, threads.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/datatype.hpp>
#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/core/version.hpp>
