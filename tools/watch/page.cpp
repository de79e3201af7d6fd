// SPDX-License-Identifier: MIT
#include "tools/watch/page.h"

#include <httplib.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "fastcore/basics/path.h"
#include "fastcore/plot/svg.h"
#include "minitorch/core/errors.h"

namespace watch {
namespace {

// The report itself forbids scripts, so it sits in a frame.
const char* const kPage = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>TITLE</title>
<style>
:root{color-scheme:light dark}
html,body{height:100%;margin:0}
body{display:flex;flex-direction:column;font:14px/1.5 system-ui,"DejaVu Sans",sans-serif}
#state{padding:.3rem 1.25rem;background:#0b5fcc;color:#fff}
#state.bad{background:#b3261e}
pre{margin:0;padding:1rem 1.25rem;overflow:auto;max-height:50%;font-size:13px}
iframe{flex:1;border:0}
</style></head><body>
<div id="state">starting</div><pre id="messages" hidden></pre><iframe id="report" title="report"></iframe>
<script>
const bar = document.getElementById('state'), messages = document.getElementById('messages');
const report = document.getElementById('report');
let shown = 0;
async function look() {
  let now = {version: shown, state: 'no longer watched: start it again', bad: true, messages: ''};
  try { now = await (await fetch('/state')).json(); } catch {}
  bar.textContent = now.state;
  bar.className = now.bad ? 'bad' : '';
  messages.textContent = now.messages;
  messages.hidden = !now.messages;
  if (now.version !== shown) {
    const place = report.contentWindow.scrollY;  // where the reader was in the report before
    report.onload = () => report.contentWindow.scrollTo(0, place);
    report.src = '/report.html?' + now.version;
    shown = now.version;
  }
}
look();
setInterval(look, 500);
</script></body></html>
)";

std::string content_type(const std::string& name) {
  const auto ends_in = [&](const std::string& ending) {
    return name.size() > ending.size() &&
           name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
  };
  return ends_in(".html")  ? "text/html; charset=utf-8"
         : ends_in(".png") ? "image/png"
                           : "text/plain; charset=utf-8";
}

}  // namespace

struct Page::Server {
  httplib::Server http;
  std::thread thread;
  std::string page, folder;
  int port = 0;
  std::mutex mutex;  // for the rest
  int version = 0;
  bool bad = false;
  std::string state = "starting", messages;

  std::string state_json() {
    const std::lock_guard lock(mutex);
    const nlohmann::json json{{"version", version}, {"state", state}, {"bad", bad}, {"messages", messages}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  void add_answers();
  void listen(int wanted);
};

void Page::Server::add_answers() {
  // A web page of somebody else's that has its name resolve to this machine is still refused by its name.
  http.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    const std::string host = request.get_header_value("Host"), at = ":" + std::to_string(port);
    if (host == "127.0.0.1" + at || host == "localhost" + at)
      return httplib::Server::HandlerResponse::Unhandled;
    response.status = 403;
    return httplib::Server::HandlerResponse::Handled;
  });
  http.Get("/",
           [this](const auto&, auto& response) { response.set_content(page, "text/html; charset=utf-8"); });
  http.Get("/state",
           [this](const auto&, auto& response) { response.set_content(state_json(), "application/json"); });
  http.Get(R"(/([A-Za-z0-9_-][A-Za-z0-9._-]*))", [this](const auto& request, auto& response) {
    const fastcore::Path file = fastcore::Path(folder) / request.matches[1].str();
    if (file.is_file()) response.set_content(file.read_text(), content_type(file.str()));
    else response.status = 404;
    response.set_header("Cache-Control", "no-store");
  });
}

void Page::Server::listen(int wanted) {
  // By default the library lets a second server share the port, and each then gets some of the requests.
  http.set_socket_options([](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  if (wanted == 0) port = http.bind_to_any_port("127.0.0.1");
  for (int next = wanted; wanted && port == 0 && next < wanted + 10; ++next)
    if (http.bind_to_port("127.0.0.1", next)) port = next;
  if (port <= 0)
    throw minitorch::ValueError(
        "ports " + std::to_string(wanted) + " to " + std::to_string(wanted + 9) + " are taken",
        "--port with another number");
  thread = std::thread([this] { http.listen_after_bind(); });
}

Page::Page(const std::string& title, const std::string& folder, int port)
    : server_(std::make_unique<Server>()) {
  server_->folder = folder;
  server_->page = kPage;
  server_->page.replace(server_->page.find("TITLE"), 5, fastcore::escape_markup(title));
  server_->add_answers();
  server_->listen(port);
}

Page::~Page() {
  for (int tries = 0; tries < 100 && !server_->http.is_running();
       ++tries)  // stop() before that would be lost
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  server_->http.stop();
  server_->thread.join();
}

int Page::port() const { return server_->port; }

void Page::say(const std::string& state, Tone tone, const std::string& messages) {
  const std::lock_guard lock(server_->mutex);
  server_->state = state;
  server_->bad = tone == Tone::bad;
  server_->messages = messages;
}

void Page::renew() {
  const std::lock_guard lock(server_->mutex);
  ++server_->version;
}

}  // namespace watch
