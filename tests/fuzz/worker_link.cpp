// Worker link records from hostile bytes. What is accepted must encode to exactly the bytes it came from.
#include <cstdlib>
#include <cstring>

#include "server/transcode/link/codec.h"

using namespace live;
using namespace live::transcode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    RecordReader reader;
    std::size_t appended = 0, decoded = 0;
    while (appended < size) {
        const std::size_t chunk = std::min<std::size_t>(size - appended, 1 + data[appended] % 61);
        if (!reader.append({data + appended, chunk})) return 0;
        appended += chunk;
        for (;;) {
            const auto record = reader.next();
            if (!record) return 0;
            if (!*record) break;
            const Bytes again = encode(**record);
            if (decoded + again.size() > appended || std::memcmp(again.data(), data + decoded, again.size()) != 0)
                std::abort();
            decoded += again.size();
        }
    }
    return 0;
}
