// Signals of regions over time.
#pragma once

#include <roi/signals/condition_table.hpp>
#include <roi/signals/labels_masker.hpp>
