// Images from and to files.
#pragma once

#include <roi/io/file_kind.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/image_info.hpp>
#include <roi/io/load.hpp>
#include <roi/io/open.hpp>
#include <roi/io/output_folder.hpp>
#include <roi/io/read_header.hpp>
#include <roi/io/save.hpp>
#include <roi/io/save_source.hpp>
#include <roi/io/value_reader.hpp>
