// The worker as a process: `liveserverd worker --link-fd N --parent PID`.
#pragma once

#include <sys/types.h>

namespace live::transcode::worker {

// The program's exit status.
enum RunStatus : int {
    kRunEnded = 0,       // the link ended, or everything was produced after Stop
    kRunFailed = 1,      // the worker could not go on (Event::Failed was sent), or it could not start
    kRunRefused = 3,     // the server speaks another version of the link
    kRunProtocol = 4,    // the server sent what the link does not allow
    kRunOverloaded = 5,  // the server did not read for too long
};

// Runs until the link ends. `link` is a connected stream socket; `parent` is the process that must stay alive: when it
// ends, however it does, this process is killed (PR_SET_PDEATHSIG); when it has ended already, it returns at once.
int runWorker(int link, pid_t parent);

}  // namespace live::transcode::worker
