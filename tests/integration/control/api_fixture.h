// An API server on a fake catalog and a fake data plane, on a free port of the loopback.
#pragma once

#include <QFile>
#include <QTemporaryDir>
#include <memory>

#include "common/base/clock.h"
#include "server/control/api_server.h"
#include "tests/support/fake_live_plane.h"
#include "tests/support/fake_store.h"
#include "tests/support/loopback.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/waited.h"

namespace live::test {

struct ApiFixture {
    ManualClock clock;
    std::shared_ptr<log::MemoryOutput> logged = std::make_shared<log::MemoryOutput>();
    FakeStore store;
    FakeLivePlane plane{clock};
    QTemporaryDir directory;
    std::unique_ptr<control::ApiServer> server;
    std::chrono::milliseconds retryInterval{10};

    // Starts the server; false if it could not.
    bool start(control::front::Limits limits = {}) {
        auto created = control::ApiServer::create(
            {.store = store,
             .plane = plane,
             .clock = clock,
             .logger = {logged, log::Level::Debug, clock},
             .stateDirectory = directory.path().toStdString(),
             .urls = {.rtmp = "rtmp://media.test", .http = "http://media.test"},
             .listening = loopbackSocket(),
             .limits = limits,
             .metrics = [] { return std::string("# TYPE liveserver_up gauge\nliveserver_up 1\n"); },
             .readiness = [] { return control::ReadyReport{{{"media", true, ""}}}; },
             .retryInterval = retryInterval});
        if (!created) return false;
        server = std::move(*created);
        const bool isStarted = waited(server->start()).has_value();
        server->open();
        return isStarted;
    }

    QByteArray token() const {
        QFile file(directory.filePath("admin.token"));
        return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
    }

    std::unique_ptr<RawHttpClient> client() const {
        auto made = std::make_unique<RawHttpClient>(server->endpoint());
        made->token = token();
        return made;
    }

    RawResponse request(const QByteArray& method, const QByteArray& target, const QByteArray& body = {},
                        const QByteArray& contentType = "application/json") const {
        return client()->request(method, target, body, contentType).value_or(RawResponse{});
    }
};

}  // namespace live::test
