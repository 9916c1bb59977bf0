// onMetaData: what the encoder says about its stream (Adobe FLV 10.1, annex E.5).
#pragma once

#include <optional>

#include "common/base/bytes.h"
#include "server/media/publish.h"

namespace live::ingest::rtmp {

// The metadata of a data message, with or without "@setDataFrame" before it; nothing for other data messages and for
// AMF0 that cannot be read. Values that make no sense are left out.
std::optional<media::PublishMetadata> parseMetadata(ByteView payload);

}  // namespace live::ingest::rtmp
