// A descriptor that closes itself.
#pragma once

#include <unistd.h>

#include <utility>

namespace live::origin::io {

class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int value) : m_value(value) {}
    FileDescriptor(FileDescriptor&& other) noexcept : m_value(other.release()) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(m_value, other.m_value);
        return *this;
    }
    ~FileDescriptor() {
        if (m_value >= 0) ::close(m_value);
    }

    int value() const { return m_value; }
    int release() { return std::exchange(m_value, -1); }

private:
    int m_value = -1;
};

}  // namespace live::origin::io
