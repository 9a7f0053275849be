#pragma once
#include <roi/stream/scan.hpp>
