// Where published data lie.
#pragma once

#include <roi/datasets/haxby.hpp>
