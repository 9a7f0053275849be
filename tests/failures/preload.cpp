// Loaded before a program's own libraries, it makes one of its calls fail, or all from that one on: ROI_FAIL is
// "system|memory NUMBER once|ever ERRNO". The number of calls is written to the file ROI_FAIL_COUNT.
#include "failing_calls.hpp"

#if defined(ROI_CALLS_CAN_FAIL)
#include <dlfcn.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

/// Allocations of the program and of the libraries that report a failure. glib ends the program when memory runs out, and
/// with it whatever draws text.
bool reports_failure(const void* caller) {
    Dl_info info;
    if (dladdr(caller, &info) == 0 || !info.dli_fname) return false;
    for (const char* name : {"libstdc++", "libz.", "libisal", "libnifti", "libznz"}) {
        if (std::strstr(info.dli_fname, name)) return true;
    }
    return std::strcmp(info.dli_fname, program_invocation_name) == 0;
}

int (*program)(int, char**, char**) = nullptr;

int counted_program(int argc, char** argv, char** environment) {
    char kind[8] = "", how[8] = "";
    failing::Fault fault;
    const char* wanted = std::getenv("ROI_FAIL");
    if (wanted && std::sscanf(wanted, "%7s %ld %7s %d", kind, &fault.call, how, &fault.error) == 4) {
        fault.kind = kind[0] == 'm' ? failing::Kind::memory : failing::Kind::system;
        fault.ever = how[0] == 'e';
        failing::counts = reports_failure;
        failing::arm(fault);
    }
    const int status = program(argc, argv, environment);
    failing::armed = false;
    if (const char* path = std::getenv("ROI_FAIL_COUNT")) {
        if (std::FILE* file = std::fopen(path, "w")) {
            std::fprintf(file, "%ld\n", failing::calls.load());
            std::fclose(file);
        }
    }
    return status;
}

}  // namespace

extern "C" int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(),
                                 void (*fini)(), void (*rtld_fini)(), void* stack_end) {
    program = main;
    using Start =
        int (*)(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*);
    Start start = nullptr;
    void* const found = dlsym(RTLD_NEXT, "__libc_start_main");
    std::memcpy(&start, &found, sizeof start);
    return start(counted_program, argc, argv, init, fini, rtld_fini, stack_end);
}
#endif
