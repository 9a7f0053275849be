// Tables of text, one row a volume.
#pragma once

#include <roi/table/table.hpp>
