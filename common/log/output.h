// Where finished log lines go.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace live::log {

// Any thread may call write().
class Output {
public:
    virtual ~Output() = default;
    // One whole line, its newline included.
    virtual void write(std::string_view line) = 0;
    // Lines that could not be written.
    virtual std::uint64_t droppedLines() const { return 0; }
};

// A file descriptor, usually standard error; it is not closed. One write(2) a line, so that lines of several threads
// and processes do not mix. Never waits for a reader: a line that a full pipe has no room for is dropped and counted,
// because a media thread must not stand still for a log collector that does.
class DescriptorOutput final : public Output {
public:
    explicit DescriptorOutput(int descriptor) : m_descriptor(descriptor) {}
    void write(std::string_view line) override;
    std::uint64_t droppedLines() const override;

private:
    bool isWritable() const;
    bool writeAll(std::string_view line) const;

    const int m_descriptor;
    mutable std::mutex m_mutex;
    std::uint64_t m_dropped = 0;
};

// Keeps lines for tests to look at.
class MemoryOutput final : public Output {
public:
    void write(std::string_view line) override;
    std::vector<std::string> lines() const;

private:
    mutable std::mutex m_mutex;
    std::vector<std::string> m_lines;
};

}  // namespace live::log
