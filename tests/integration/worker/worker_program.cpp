// The worker as a process, as `liveserverd worker` is: worker_program --link-fd N --parent PID.
#include <cstdlib>

#include "server/transcode/worker/run.h"

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    return live::transcode::worker::runWorker(std::atoi(argv[2]), std::atoi(argv[4]));
}
