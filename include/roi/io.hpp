// Images from and to files.
#pragma once

#include <roi/io/gzip.hpp>
#include <roi/io/nifti.hpp>
#include <roi/io/save_source.hpp>
