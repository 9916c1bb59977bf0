// An API server on a fake catalog and a fake data plane, for clients in other languages.
// Prints one line {"endpoint","token","routes":[{"method","pattern"}]}; then does what lines on standard input say,
// each answered by a line "ok" or "no":  publish ID | catalog away | catalog full | catalog broken | catalog back |
// ready yes | ready no
// Ends with its standard input.
#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSocketNotifier>
#include <QTemporaryDir>
#include <cstdio>
#include <iostream>

#include "common/base/clock.h"
#include "server/control/api_server.h"
#include "tests/support/fake_live_plane.h"
#include "tests/support/fake_store.h"
#include "tests/support/loopback.h"
#include "tests/support/waited.h"

using namespace live;

namespace {

struct Fakes {
    SystemClock clock;
    test::FakeStore store;
    test::FakeLivePlane plane{clock};
    bool isReady = true;

    bool obey(const std::string& line) {
        if (line == "catalog away") return store.failWith(ErrorCode::Unavailable), true;
        if (line == "catalog full") return store.failWith(ErrorCode::Overloaded), true;
        if (line == "catalog broken") return store.failWith(ErrorCode::Io), true;
        if (line == "catalog back") return store.failWith(std::nullopt), true;
        if (line == "ready yes" || line == "ready no") return isReady = line == "ready yes", true;
        if (!line.starts_with("publish ")) return false;
        const auto id = StreamId::parse(line.substr(8));
        return id && plane.publish(*id);
    }
};

QByteArray introduction(const control::ApiServer& server, const QString& tokenFile) {
    QFile file(tokenFile);
    LIVE_ASSERT(file.open(QIODevice::ReadOnly));
    QJsonArray routes;
    for (const control::Route& route : server.routes())
        routes.append(QJsonObject{{"method", QString::fromStdString(route.method)},
                                  {"pattern", QString::fromStdString(route.pattern)}});
    return QJsonDocument(QJsonObject{{"endpoint", QString::fromStdString(server.endpoint())},
                                     {"token", QString::fromUtf8(file.readAll().trimmed())},
                                     {"routes", routes}})
        .toJson(QJsonDocument::Compact);
}

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    const QTemporaryDir directory;
    Fakes fakes;
    auto server = control::ApiServer::create(
        {.store = fakes.store,
         .plane = fakes.plane,
         .clock = fakes.clock,
         .stateDirectory = directory.path().toStdString(),
         .urls = {.rtmp = "rtmp://media.test", .http = "http://media.test"},
         .listening = test::loopbackSocket(),
         .metrics = [] { return std::string("# TYPE liveserver_up gauge\nliveserver_up 1\n"); },
         .readiness = [&fakes] { return control::ReadyReport{{{"media", fakes.isReady, ""}}}; }});
    if (!server || !test::waited((*server)->start())) return 1;
    (*server)->open();
    std::puts(introduction(**server, directory.filePath("admin.token")).constData());
    std::fflush(stdout);

    QSocketNotifier input(0, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, [&] {
        std::string line;
        if (!std::getline(std::cin, line)) return QCoreApplication::quit();
        std::puts(fakes.obey(line) ? "ok" : "no");
        std::fflush(stdout);
    });
    return QCoreApplication::exec();
}
