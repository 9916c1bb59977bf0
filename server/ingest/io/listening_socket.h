// Sockets for listening: opened here or handed over by a service manager (LISTEN_FDS). Close-on-exec and non-blocking
// from the start, which Boost.Asio's own are not: a worker must never inherit one.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "common/base/error.h"

namespace live::ingest::io {

// A socket that listens on `address`; port 0 takes a free one. Io with the address if that cannot be done.
Result<int> openListeningSocket(const boost::asio::ip::tcp::endpoint& address);

// Makes `descriptor` fit for use here; InvalidArgument if it is not a listening TCP socket. Does not close it on
// errors.
Result<boost::asio::ip::tcp::endpoint> prepareListeningSocket(int descriptor);

struct AcceptedSocket {
    int descriptor = -1;
    boost::asio::ip::tcp::endpoint peer;
};

// One waiting connection, close-on-exec and non-blocking, without Nagle's delay, given up by the kernel when sent data
// is not acknowledged for `userTimeout`. Nothing (descriptor -1) when none is waiting; Overloaded when descriptors have
// run out; Io otherwise.
Result<AcceptedSocket> acceptSocket(int listening, std::chrono::milliseconds userTimeout);

// "192.0.2.1:50000", "[2001:db8::1]:50000"; IPv4-mapped addresses as IPv4.
std::string toText(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace live::ingest::io
