// What else the machine was doing while something was measured.
#pragma once

#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

namespace live::perf {

// CPU time that the machine's host kept for others since boot (proc(5), /proc/stat).
inline double stealSeconds() {
    std::ifstream file("/proc/stat");
    std::string name;
    double value = 0;
    file >> name;
    for (int i = 0; i < 8; ++i) file >> value;
    return value / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

inline unsigned cores() { return std::thread::hardware_concurrency(); }

}  // namespace live::perf
