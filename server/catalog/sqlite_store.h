// The embedded catalog: one SQLite file, one thread.
#pragma once

#include <filesystem>
#include <memory>

#include "server/catalog/store.h"

namespace live::catalog {

// Opens the catalog, or makes it where there is none; the directory has to exist. Io for a place that can't be written
// or a file that is damaged or no database, Conflict for one of a newer liveserverd or of another program.
//
// The store's destructor finishes the calls that wait, then closes the file; it must not run inside a `done`.
Result<std::unique_ptr<Store>> openSqlite(const std::filesystem::path& path);

}  // namespace live::catalog
