#pragma once
#include <roi/volume.hpp>
