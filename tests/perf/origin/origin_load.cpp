// Two halves of a comparison, run by compare.sh:
//   perf_origin serve BYTES         serves one part of BYTES on one thread; prints "PORT PATH", ends with its input
//   perf_origin load PORT PATH N    N requests for PATH over 32 keep-alive connections; prints requests per second
#include <poll.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "server/origin/io/server.h"
#include "tests/support/http_client.h"
#include "tests/support/loopback.h"
#include "tests/support/snapshots.h"

using namespace live;

namespace {
constexpr int kConnections = 32;

int serve(std::size_t bytes) {
    const SystemClock clock;
    store::Directory directory;
    auto server = origin::io::Server::create({.listening = test::loopbackSocket()}, directory, clock, {});
    if (!server) return 1;
    directory.set(*StreamId::parse("demo"), {false, test::makeSnapshot({.partBytes = bytes}), nullptr});
    const std::string& endpoint = (*server)->endpoint();
    std::cout << endpoint.substr(endpoint.rfind(':') + 1) << " /live/demo/00000000000000000000000001/v720/1000.2.m4s\n"
              << std::flush;
    std::cin.get();
    return 0;
}

int load(const std::string& port, const std::string& path, int requests) {
    std::vector<test::HttpClient> clients;
    for (int i = 0; i < kConnections; ++i) clients.emplace_back("127.0.0.1:" + port);
    std::vector<pollfd> polls;
    for (const auto& client : clients) polls.push_back({client.socket(), POLLIN, 0});
    const auto start = std::chrono::steady_clock::now();
    for (auto& client : clients) client.get(path);
    int answered = 0;
    while (answered < requests && ::poll(polls.data(), polls.size(), 10'000) > 0) {
        for (std::size_t i = 0; i < clients.size(); ++i) {
            if (polls[i].revents == 0) continue;
            const auto answer = clients[i].answer();
            if (!answer || answer->status != 200) return 1;
            ++answered;
            clients[i].get(path);
        }
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    std::printf("%.0f\n", answered / elapsed.count());
    return answered < requests;
}
}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "serve" && argc == 3) return serve(std::strtoul(argv[2], nullptr, 10));
    if (mode == "load" && argc == 5) return load(argv[2], argv[3], std::atoi(argv[4]));
    std::fprintf(stderr, "usage: perf_origin serve BYTES | load PORT PATH REQUESTS\n");
    return 2;
}
