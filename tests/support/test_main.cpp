#include "tests/support/test_main.h"

#include <QCoreApplication>
#include <cstring>
#include <vector>

#include "common/base/file_descriptor.h"

namespace live::test {

namespace {
struct Entry {
    const char* name;
    std::unique_ptr<QObject> (*make)();
};
std::vector<Entry>& entries() {
    static std::vector<Entry> all;
    return all;
}
}  // namespace

bool add(const char* name, std::unique_ptr<QObject> (*make)()) {
    entries().push_back({name, make});
    return true;
}

static int run(int argc, char** argv) {
    const char* wanted = argc > 1 && argv[1][0] != '-' ? argv[1] : nullptr;
    if (wanted) {
        // Qt Test gets what follows the class: -v2, a function name, …
        argv[1] = argv[0];
        ++argv;
        --argc;
    }
    int failures = 0, ran = 0;
    for (const Entry& entry : entries()) {
        if (wanted && std::strcmp(wanted, entry.name) != 0) continue;
        ++ran;
        failures += QTest::qExec(entry.make().get(), argc, argv);
    }
    if (ran == 0) qCritical("no test class named %s", wanted ? wanted : "anything");
    return failures != 0 || ran == 0;
}

}  // namespace live::test

int main(int argc, char** argv) {
    live::raiseDescriptorLimit();  // some tests are both ends of thousands of connections
    QCoreApplication application(argc, argv);
    return live::test::run(argc, argv);
}
