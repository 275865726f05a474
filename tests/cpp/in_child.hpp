#pragma once

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>

/// Whether `holds` returns true in a forked child, which has 60 seconds to find out.
template <class Check>
bool holds_in_child(Check holds) {
  const auto no_throw = [&]() noexcept { return holds(); };
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(no_throw() ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
#endif
