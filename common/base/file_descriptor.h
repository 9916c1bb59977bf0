// A descriptor that closes itself. Movable value; empty (-1) by default and after release().
#pragma once

#include <unistd.h>

#include <cstdint>
#include <utility>

namespace live {

class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int value) : m_value(value) {}
    FileDescriptor(FileDescriptor&& other) noexcept : m_value(other.release()) {}
    FileDescriptor& operator=(FileDescriptor other) noexcept {
        std::swap(m_value, other.m_value);
        return *this;
    }
    ~FileDescriptor() {
        if (isOpen()) ::close(m_value);
    }

    bool isOpen() const { return m_value >= 0; }
    int value() const { return m_value; }
    int release() { return std::exchange(m_value, -1); }

private:
    int m_value = -1;
};

// Raises the soft limit of open descriptors to the hard one; gives what is in force. Once, at the start of a program.
std::uint64_t raiseDescriptorLimit();

}  // namespace live
