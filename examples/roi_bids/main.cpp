#include "program.hpp"

int main(int argc, char** argv) { return bids::program(argc, argv); }
