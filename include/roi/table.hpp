// Tables of text, and names of regions.
#pragma once

#include <roi/table/data_table.hpp>
#include <roi/table/events.hpp>
#include <roi/table/names.hpp>
#include <roi/table/table.hpp>
