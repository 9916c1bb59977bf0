// The header of a CMAF track (ISO/IEC 23000-19 §7.3): what EXT-X-MAP points to.
#pragma once

#include "common/base/error.h"
#include "server/media/plan.h"
#include "server/store/snapshot.h"

namespace live::package::cmaf {

// ftyp + moov of one track with id 1. `configuration` is the avcC or AudioSpecificConfig (server/media/packet.h). Video
// is tagged BT.709, limited range, square pixels: what every encoder of a ladder is fed with. The same input gives the
// same bytes and the same name on every node. Protocol: a configuration that is not one.
Result<store::Init> makeInit(const media::Rendition& rendition, const media::TrackGrid& track, ByteView configuration);

// The avcC or AudioSpecificConfig inside an init that makeInit() made, perhaps before a restart. Protocol for anything
// else.
Result<Buffer> configurationOf(const store::Init& init, media::MediaKind kind);

}  // namespace live::package::cmaf
