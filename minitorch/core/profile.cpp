// SPDX-License-Identifier: MIT
// The scopes that turn the recorder on, and name parts of the trace.
#include "minitorch/core/profile.h"

#include <cstdio>

#include "minitorch/core/atomic_file.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/profile_recorder.h"

namespace minitorch {

ProfileRange::ProfileRange(const std::string& name) : on_(detail::profiling()) {
  if (!on_) return;
  name_ = name;
  start_ = detail::time_now();
}
ProfileRange::~ProfileRange() {
  if (on_) detail::add_bar(detail::Event::kRange, name_, start_);
}

Profile::Profile(ProfileOptions options) : options_(std::move(options)) {
  if (options_.max_events < 0) throw ValueError("[Profile] max_events below 0");
  detail::Recorder& r = detail::recorder();
  std::lock_guard lock(r.mutex);
  if (r.in_scope)
    throw ValueError("[Profile] another profile is in scope",
                     "one at a time: end the other scope first, or name this part with ProfileRange");
  r.in_scope = true;
  r.begin(options_);
  detail::profiling_now = true;
}

const ProfileReport& Profile::stop() {
  if (stopped_) return report_;
  stopped_ = true;
  detail::profiling_now = false;
  detail::Recorder& r = detail::recorder();
  {
    std::lock_guard lock(r.mutex);
    r.seconds = r.now();
    r.active = false;
    for (int d = 0; d < detail::Recorder::kDeviceTypes; ++d)
      if (r.memory[d].higher) r.remember_peak(static_cast<Device::Type>(d));
  }
  const MachinePeak machine = options_.machine ? machine_peak() : MachinePeak{};
  std::lock_guard lock(r.mutex);
  report_ = detail::make_report(r, machine);
  return report_;
}

void Profile::write_trace(const std::string& path) {
  stop();
  detail::Recorder& r = detail::recorder();
  std::string json;
  {
    std::lock_guard lock(r.mutex);
    json = detail::trace_json(r);
  }
  AtomicFile file(path);
  file.write(json);
  file.commit();
}

Profile::~Profile() {
  try {
    stop();
    if (options_.print) std::printf("%s", report_.text().c_str());
    if (!options_.trace.empty()) write_trace(options_.trace);
    if (options_.print && !options_.trace.empty())
      std::printf("trace: %s, for https://ui.perfetto.dev\n", options_.trace.c_str());
  } catch (const std::exception& error) { std::fprintf(stderr, "warning: %s\n", error.what()); }
  std::lock_guard lock(detail::recorder().mutex);
  detail::recorder().in_scope = false;
}

}  // namespace minitorch
