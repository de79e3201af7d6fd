// SPDX-License-Identifier: MIT
// A web server on 127.0.0.1 that behaves as badly as a test asks: stalls, cuts off, redirects, lies about
// sizes.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct Request {
  std::string target;                          // "/file.tgz?x=1", or a whole address when we are a proxy
  std::map<std::string, std::string> headers;  // names in small letters
  int64_t range_start() const {
    auto at = headers.find("range");
    return at == headers.end() ? 0 : std::atoll(at->second.c_str() + 6);  // "bytes=N-"
  }
};

class FakeServer {
 public:
  class Client {
   public:
    Client(int fd, const std::atomic<bool>& stop) : fd_(fd), stop_(stop) {}
    void send(const std::string& text) {
      for (std::size_t done = 0; done < text.size();) {
        const auto n = ::send(fd_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
        if (n <= 0) return;
        done += static_cast<std::size_t>(n);
      }
    }
    void head(const std::string& status, const std::string& headers, int64_t length) {
      send("HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
           (length >= 0 ? "Content-Length: " + std::to_string(length) + "\r\n" : "") + "\r\n");
    }
    /// The file from where the request wants it, as a good server gives it; at most `most` bytes of it.
    void file(const Request& request, const std::string& body, const std::string& etag,
              std::size_t most = std::string::npos) {
      const auto start = static_cast<std::size_t>(request.range_start());
      const auto condition = request.headers.find("if-range");
      const bool same = condition == request.headers.end() || condition->second == etag;
      const std::string tag = etag.empty() ? "" : "ETag: " + etag + "\r\n";
      if (start > 0 && same) {
        if (start >= body.size()) return head("416 Range Not Satisfiable", tag, 0);
        head("206 Partial Content",
             tag + "Content-Range: bytes " + std::to_string(start) + "-" + std::to_string(body.size() - 1) +
                 "/" + std::to_string(body.size()) + "\r\n",
             static_cast<int64_t>(body.size() - start));
        return send(body.substr(start, most));
      }
      head("200 OK", tag, static_cast<int64_t>(body.size()));
      send(body.substr(0, most));
    }
    /// Says nothing until the server is closed.
    void stall() {
      while (!stop_) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }

   private:
    int fd_;
    const std::atomic<bool>& stop_;
  };
  using Handler = std::function<void(const Request&, Client&)>;

  explicit FakeServer(Handler handler) : handler_(std::move(handler)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(socket_, 64) != 0)
      std::abort();
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    stop_ = true;
    thread_.join();
    for (auto& client : clients_) client.join();
    ::close(socket_);
  }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<Request> requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (!stop_) {
      pollfd waiting{socket_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int fd = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) clients_.emplace_back([this, fd] { answer(fd); });
    }
  }
  void answer(int fd) {
    std::string text;
    char buffer[4096];
    while (text.find("\r\n\r\n") == text.npos) {
      const auto n = ::recv(fd, buffer, sizeof buffer, 0);
      if (n <= 0) break;
      text.append(buffer, static_cast<std::size_t>(n));
    }
    Request request;
    request.target = text.substr(text.find(' ') + 1);
    request.target = request.target.substr(0, request.target.find(' '));
    for (auto at = text.find("\r\n"); at != text.npos && at + 2 < text.size();
         at = text.find("\r\n", at + 2)) {
      const auto line = text.substr(at + 2, text.find("\r\n", at + 2) - at - 2);
      const auto colon = line.find(": ");
      if (colon == line.npos) continue;
      auto name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      request.headers[name] = line.substr(colon + 2);
    }
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    Client client(fd, stop_);
    handler_(request, client);
    ::close(fd);
  }

  Handler handler_;
  int socket_, port_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<Request> requests_;
  std::vector<std::thread> clients_;
  std::thread thread_;
};
