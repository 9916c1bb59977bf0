// The viewer side of the server: HTTP/1.1 on one listening socket, served by a few threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/file_descriptor.h"
#include "server/origin/counters.h"
#include "server/origin/front.h"
#include "server/origin/io/viewer_context.h"
#include "server/store/directory.h"

namespace live::origin::io {

struct ServerOptions {
    FileDescriptor listening;  // a socket of common/net/listening_socket.h
    unsigned threads = 1;
    Limits limits = {};
};

// create(), stop() and the destructor belong to one thread; the rest is safe from any.
class Server {
public:
    // Serves what is in `directory`, which must outlive the server, as must `clock`. Adds itself as a listener of the
    // directory. The directory may still be changed after the server has gone.
    // InvalidArgument if `listening` is no socket.
    static Result<std::unique_ptr<Server>> create(ServerOptions options, store::Directory& directory,
                                                  const Clock& clock, PageTable pages);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // "address:port" it listens on.
    const std::string& endpoint() const;
    const Counters& counters() const;
    // Stops accepting, answers held requests with 503 and Connection: close, lets bodies that are being sent finish for
    // at most `grace`, then closes everything. Blocks until then. The second call does nothing.
    void stop(Nanoseconds grace = Seconds(1));

private:
    struct WakeList;
    struct Parts;
    explicit Server(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> m_parts;
};

}  // namespace live::origin::io
