#include "program.hpp"

int main(int argc, char** argv) { return notebook::program(argc, argv); }
