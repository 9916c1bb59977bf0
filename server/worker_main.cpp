// liveserverd-worker: what `liveserverd worker` runs, --link-fd N --parent PID. Started by the server, not by people.
#include <charconv>
#include <cstdio>
#include <string_view>

#include "server/transcode/worker/run.h"

namespace {

// The number after `name`; 0 if it is not there.
int numberAfter(std::string_view name, int argc, char** argv) {
    int value = 0;
    for (int i = 1; i + 1 < argc; ++i) {
        const std::string_view text = argv[i + 1];
        if (name == argv[i]) std::from_chars(text.data(), text.data() + text.size(), value);
    }
    return value;
}

}  // namespace

int main(int argc, char** argv) {
    const int link = numberAfter("--link-fd", argc, argv);
    const int parent = numberAfter("--parent", argc, argv);
    if (link <= 0 || parent <= 0) {
        std::fputs("liveserverd worker: wants --link-fd N --parent PID; it is started by the server\n", stderr);
        return 2;
    }
    return live::transcode::worker::runWorker(link, parent);
}
