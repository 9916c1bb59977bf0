// The tables, and how they came about: numbered steps, each run once.
#pragma once

#include <cstdint>

#include "server/catalog/sqlite/database.h"

namespace live::catalog::sqlite {

// The newest step this program knows.
std::int64_t newestSchema();

// Brings the database to the newest schema, one transaction a step. Conflict for a database that a newer program wrote.
Result<void> migrate(Database& database);

}  // namespace live::catalog::sqlite
