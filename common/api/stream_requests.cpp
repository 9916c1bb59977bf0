#include "common/api/stream_requests.h"

#include <algorithm>

#include "common/api/json.h"

namespace live::api {

namespace {

Result<std::string> parseName(std::string_view text) {
    const bool hasControl =
        std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    const bool isBlank = std::ranges::all_of(text, [](char c) { return c == ' '; });
    if (isBlank || hasControl || text.size() > 200)
        return fail(ErrorCode::InvalidArgument, "name is not 1 to 200 bytes of text without control characters");
    return std::string(text);
}

std::optional<Ladder> readLadder(ObjectReader& reader, std::vector<FieldError>& errors) {
    const std::optional<QJsonArray> rungs = reader.array("ladder");
    if (!rungs) return std::nullopt;
    if (rungs->size() > static_cast<qsizetype>(kMaxRungs)) {
        reader.refuse("ladder", "a ladder has 1 to 8 rungs");
        return std::nullopt;
    }
    Ladder ladder;
    const std::size_t errorsBefore = errors.size();
    for (qsizetype i = 0; i < rungs->size(); ++i) {
        const std::string pointer = "/ladder/" + std::to_string(i);
        if (!rungs->at(i).isObject()) {
            errors.push_back({pointer, "a rung is an object with height and, if you like, bitrate_bps"});
            continue;
        }
        ObjectReader rung(rungs->at(i).toObject(), pointer, errors);
        const auto height = rung.integer("height", Rung::kMinHeight, Rung::kMaxHeight);
        const auto bitrate = rung.integer("bitrate_bps", Rung::kMinBitrate, Rung::kMaxBitrate);
        if (!height && !rung.has("height")) rung.refuse("height", "height is missing");
        if (height)
            if (const auto checked = checkHeight(*height); !checked) rung.refuse("height", checked.error().message);
        if (height && std::ranges::find(ladder, *height, &Rung::height) != ladder.end())
            rung.refuse("height", "two rungs have the height " + std::to_string(*height));
        rung.refuseUnknownFields();
        ladder.push_back({static_cast<std::uint32_t>(height.value_or(0)), bitrate.value_or(0)});
    }
    if (errors.size() != errorsBefore) return std::nullopt;
    auto checked = validated(std::move(ladder));
    if (checked) return *std::move(checked);
    reader.refuse("ladder", checked.error().message);
    return std::nullopt;
}

void readSettings(ObjectReader& reader, std::vector<FieldError>& errors, BroadcastSettings& settings) {
    settings.ladder = readLadder(reader, errors);
    using Limits = BroadcastSettings;
    if (const auto length =
            reader.integer("segment_duration_s", Limits::kMinSegment.count(), Limits::kMaxSegment.count()))
        settings.segmentDuration = Seconds(*length);
    if (const auto profile = reader.word("latency_profile", parseLatencyProfile)) settings.latencyProfile = *profile;
    constexpr Seconds kMinWindow = Limits::kMinWindowSegments * Limits::kMinSegment;
    if (const auto window = reader.integer("window_s", kMinWindow.count(), Limits::kMaxWindow.count())) {
        settings.window = Seconds(*window);
        const BroadcastSettings lengths{.segmentDuration = settings.segmentDuration, .window = settings.window};
        if (const auto checked = validated(lengths); !checked) reader.refuse("window_s", checked.error().message);
    }
}

StreamDraft readWritable(ObjectReader& reader, std::vector<FieldError>& errors, const StreamDefaults& defaults) {
    StreamDraft draft;
    draft.settings.segmentDuration = defaults.segmentDuration;
    draft.settings.latencyProfile = defaults.latencyProfile;
    if (const auto name = reader.word("name", parseName))
        draft.name = *name;
    else if (!reader.has("name"))
        reader.refuse("name", "name is missing");
    draft.enabled = reader.boolean("enabled").value_or(true);
    readSettings(reader, errors, draft.settings);
    return draft;
}

template <class T>
Outcome<T> checked(T value, std::vector<FieldError> errors) {
    if (!errors.empty()) return std::unexpected(invalid(std::move(errors)));
    return value;
}

}  // namespace

Outcome<StreamDraft> parseCreateStream(const QJsonObject& body, const StreamDefaults& defaults) {
    std::vector<FieldError> errors;
    ObjectReader reader(mergePatch({}, body), "", errors);
    std::optional<StreamId> id = reader.word("id", StreamId::parse);
    StreamDraft draft = readWritable(reader, errors, defaults);
    draft.id = std::move(id);
    reader.refuseUnknownFields();
    return checked(std::move(draft), std::move(errors));
}

Outcome<StreamDraft> parseStreamPatch(const Stream& current, const QJsonObject& patch, const StreamDefaults& defaults) {
    std::vector<FieldError> errors;
    ObjectReader reader(mergePatch(writableJson(current), patch), "", errors);
    StreamDraft draft = readWritable(reader, errors, defaults);
    reader.refuseUnknownFields();
    return checked(std::move(draft), std::move(errors));
}

QJsonObject writableJson(const Stream& stream) {
    const BroadcastSettings& settings = stream.settings;
    QJsonObject json{{"name", toText(stream.name)},
                     {"enabled", stream.enabled},
                     {"segment_duration_s", static_cast<qint64>(settings.segmentDuration.count())},
                     {"latency_profile", toText(toString(settings.latencyProfile))}};
    if (settings.ladder) {
        QJsonArray ladder;
        for (const Rung& rung : *settings.ladder)
            ladder.append(QJsonObject{{"height", static_cast<qint64>(rung.height)},
                                      {"bitrate_bps", static_cast<qint64>(rung.bitrate)}});
        json.insert("ladder", ladder);
    }
    if (settings.window) json.insert("window_s", static_cast<qint64>(settings.window->count()));
    return json;
}

Outcome<KeyRole> parseCreateKey(const QJsonObject& body) {
    std::vector<FieldError> errors;
    ObjectReader reader(mergePatch({}, body), "", errors);
    const KeyRole role = reader.word("role", parseKeyRole).value_or(KeyRole::Primary);
    if (role == KeyRole::Backup)
        reader.refuse("role", "role 'backup' is not taken by this version; accepted is 'primary'");
    reader.refuseUnknownFields();
    return checked(role, std::move(errors));
}

Outcome<Seconds> parseStop(const QJsonObject& body, const StreamDefaults& defaults) {
    std::vector<FieldError> errors;
    ObjectReader reader(mergePatch({}, body), "", errors);
    const Seconds hold(reader.integer("hold_s", 0, 3600).value_or(defaults.hold.count()));
    reader.refuseUnknownFields();
    return checked(hold, std::move(errors));
}

}  // namespace live::api
