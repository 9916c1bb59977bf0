// The watch page and its files, read once at start: /watch/{stream_id} and /watch/assets/{version}/{file}.
#pragma once

#include <filesystem>

#include "common/base/error.h"
#include "server/origin/front.h"

namespace live::daemon {

// Everything in `directory`. NotFound if watch.html is not there.
Result<origin::PageTable> loadPlayerPages(const std::filesystem::path& directory);

}  // namespace live::daemon
