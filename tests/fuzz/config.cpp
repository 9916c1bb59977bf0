// A configuration file, and the same bytes as an override on the command line.
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "server/daemon/server_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    live::daemon::ServerConfig config;
    live::config::Schema schema = live::daemon::schemaOf(config);
    const bool isAccepted = schema.applyFile(text, "fuzz").empty();

    // What is accepted can be printed and read back.
    live::daemon::ServerConfig again;
    live::config::Schema reread = live::daemon::schemaOf(again);
    LIVE_ASSERT(!isAccepted || reread.applyFile(schema.effective(), "effective").empty());
    LIVE_ASSERT(!isAccepted || again.broadcast == config.broadcast);

    schema.applyAssignment(text);
    schema.applyEnvironment({"LIVESERVER_" + std::string(text)});
    return 0;
}
