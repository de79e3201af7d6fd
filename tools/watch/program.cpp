// SPDX-License-Identifier: MIT
#include "tools/watch/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "minitorch/core/errors.h"

namespace watch {
namespace {

std::optional<int> code_of(pid_t id, int options) {
  int status = 0;
  pid_t done;
  do done = waitpid(id, &status, options);
  while (done < 0 && errno == EINTR);
  if (done == 0) return std::nullopt;
  if (done < 0) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Program::Program(const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  id_ = fork();
  if (id_ < 0) throw minitorch::ValueError("no further program can be started here");
  if (id_ > 0) return;
  // Between fork and exec only what is allowed in a signal handler.
  const int in = open("/dev/null", O_RDONLY);
  dup2(in, 0);
  if (!log.empty()) {
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(out, 1), dup2(out, 2);
  }
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::optional<int> Program::ended() {
  if (!code_) code_ = code_of(id_, WNOHANG);
  return code_;
}

int Program::wait() {
  if (!code_) code_ = code_of(id_, 0);
  return *code_;
}

void Program::wait(double seconds) {
  for (int hundredths = 0; hundredths < 100 * seconds && !ended(); ++hundredths) usleep(10'000);
}

Program::~Program() {
  if (ended()) return;
  kill(id_, SIGKILL);
  wait();
}

}  // namespace watch
