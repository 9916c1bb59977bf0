// Connections that wait at a listening socket.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>

#include "common/base/error.h"
#include "common/base/file_descriptor.h"
#include "server/ingest/rtmp/refusal_ledger.h"

namespace live::ingest::io {

struct AcceptedSocket {
    FileDescriptor socket;
    boost::asio::ip::tcp::endpoint peer;
};

// One waiting connection, close-on-exec and non-blocking, without Nagle's delay, given up by the kernel when sent data
// is not acknowledged for `userTimeout`. No open socket when none is waiting; Overloaded when descriptors have
// run out; Io otherwise.
Result<AcceptedSocket> acceptSocket(int listening, std::chrono::milliseconds userTimeout);

// "192.0.2.1:50000", "[2001:db8::1]:50000"; IPv4-mapped addresses as IPv4.
std::string toText(const boost::asio::ip::tcp::endpoint& endpoint);

// What limits of addresses go by.
rtmp::RefusalLedger::Network networkOf(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace live::ingest::io
