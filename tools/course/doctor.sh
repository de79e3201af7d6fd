# SPDX-License-Identifier: MIT
# ./course doctor: what this machine has, in plain words; what is missing, and the command that mends it.
# Sourced by ../../course. Only what keeps the course from building is a fault (exit 3); the rest is advice.

doctor() {
  faults=() advice=()
  report system "$(system_name), $(uname -m)"
  check_compilers
  check_packages
  check_gpu
  check_memory
  check_data
  check_network
  check_terminal
  say_verdict
}

report() { printf '  %-11s %s\n' "$1" "$2"; }
fault() { faults+=("$1|${2-}"); }
advise() { advice+=("$1|${2-}"); }

say_verdict() {
  local line
  echo
  for line in "${faults[@]}"; do finding fault "${line%%|*}" "${line#*|}"; done
  for line in "${advice[@]}"; do finding note "${line%%|*}" "${line#*|}"; done
  if ((${#faults[@]})); then exit 3; fi
  echo "Everything that the course needs is here."
}

# finding KIND WHAT REMEDY: folded at 80 columns.
finding() {
  fold -s -w 70 <<<"$2" | sed "s/ *$//; 1s/^/$(printf '%-9s' "$1")/; 2,\$s/^/         /"
  [[ -z $3 ]] || echo "         try: $3"
}

# at_least HAVE WANT: compares version numbers.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

check_compilers() {
  local compiler version
  compiler=$(command -v "${CXX:-c++}")
  if [[ -n $compiler ]]; then
    version=$("$compiler" -dumpfullversion -dumpversion 2>/dev/null)
    report compiler "$("$compiler" --version | head -n 1)"
    if [[ $("$compiler" --version) == *clang* ]]; then at_least "$version" 14 || fault "clang $version is too old: C++20 needs 14"
    else at_least "$version" 12 || fault "g++ $version is too old: the course needs 12" "Debian 12 or Ubuntu 24.04 has it"
    fi
  else
    report compiler "none"
  fi
  if command -v cmake >/dev/null; then
    version=$(cmake --version | sed -n '1s/.* //p')
    report CMake "$version, with $(command -v ninja >/dev/null && echo "ninja $(ninja --version)" || echo make)$(
      command -v ccache >/dev/null && echo ' and ccache')"
    at_least "$version" 3.25 || fault "CMake $version is too old: the presets need 3.25" "Debian 12 or Ubuntu 24.04 has it"
  else
    report CMake "none"
  fi
}

check_packages() {
  local missing
  missing=$(missing_pieces build test)
  [[ -n $missing ]] && fault "to build: $(cut -d'|' -f1 <<<"$missing" | paste -sd, | sed 's/,/, /g')" "./course setup"
  missing=$(missing_pieces docs)
  [[ -n $missing ]] && advise "./course docs lacks $(cut -d'|' -f1 <<<"$missing" | paste -sd, | sed 's/,/, /g')" "./course setup docs"
  missing=$(missing_pieces theme | grep -v '|-$')
  [[ -n $missing ]] && advise "the pages of ./course docs are plainer without $(cut -d'|' -f1 <<<"$missing" | paste -sd, | sed 's/,/, /g')" \
    "./course setup theme"
  return 0
}

# The GPU, its driver and the toolkit have to agree; each way in which they do not has its own remedy.
check_gpu() {
  local nvcc toolkit='' names driver supports built
  nvcc=$(find_nvcc)
  [[ -n $nvcc ]] && toolkit=$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
  report nvcc "${toolkit:-none}${toolkit:+ ($nvcc)}"
  if ! names=$(ask_driver); then
    report driver "${names%%|*}"
    report GPUs "none that can be used; the simulator runs every kernel on the CPU"
    [[ -n ${names#*|} ]] && advise "the NVIDIA driver: ${names%%|*}" "${names#*|}"
    return 0
  fi
  driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | head -n 1)
  supports=$(nvidia-smi 2>/dev/null | sed -n 's/.*CUDA Version: *\([0-9.]*\).*/\1/p')
  report driver "$driver${supports:+, good for CUDA $supports}"
  while IFS=, read -r name capability total free; do
    report GPU "$name, compute capability${capability}, memory${total}, free${free}"
  done <<<"$names"
  if ! gpu_architecture >/dev/null; then
    advise "the GPU is older than compute capability ${kOldestGpu%?}.${kOldestGpu: -1}, which the kernels need: lessons run on the CPU"
  elif [[ -z $toolkit ]]; then
    advise "there is a GPU but no nvcc: lessons run on the CPU" "install NVIDIA's CUDA toolkit ${supports:-}"
  elif [[ -n $supports ]] && ! at_least "$supports" "${toolkit%%.*}.0"; then
    # The runtime calls this error 35, "CUDA driver version is insufficient for CUDA runtime version".
    advise "the driver is too old for the toolkit: it knows CUDA $supports, nvcc is $toolkit" \
      "update the NVIDIA driver, or install a toolkit of CUDA $supports"
  fi
  built=$(sed -n 's/^CMAKE_CUDA_ARCHITECTURES:.*=//p' "$root/build/cuda/CMakeCache.txt" 2>/dev/null)
  check_built_for "$built"
}

# ask_driver: one line "name, capability, memory, free" for each GPU; or "reason|remedy" and failure.
ask_driver() {
  local answer
  if ! command -v nvidia-smi >/dev/null; then
    if [[ -e /proc/driver/nvidia/version ]]; then echo "loaded, but nvidia-smi is missing|install nvidia-smi"
    elif grep -qi microsoft /proc/sys/kernel/osrelease 2>/dev/null; then
      echo "none found|install NVIDIA's driver in Windows, not in WSL2"
    elif grep -qsx 0x10de /sys/bus/pci/devices/*/vendor; then echo "none found, though there is an NVIDIA device|install NVIDIA's driver"
    else echo "none found|"
    fi
    return 1
  fi
  if answer=$(timeout 20 nvidia-smi --query-gpu=name,compute_cap,memory.total,memory.free --format=csv,noheader 2>&1) &&
      [[ $answer == *,*,*,* ]]; then
    echo "$answer"
    return
  fi
  case $answer in
    *"version mismatch"*) echo "its two halves differ in version, as after an update|restart the machine" ;;
    *"couldn't communicate"* | *"could not communicate"*) echo "installed but not running|sudo modprobe nvidia, or restart the machine" ;;
    *"No devices were found"*) echo "running, but it sees no GPU|check that the GPU is handed to this machine or container" ;;
    *) echo "does not answer: $(head -n 1 <<<"$answer")|nvidia-smi" ;;
  esac
  return 1
}

# A kernel runs where it was compiled for its architecture, or from PTX of an older one.
check_built_for() {
  local gpu entry number fits=''
  gpu=$(gpu_architecture) || return 0
  [[ -n $1 ]] || return 0
  report built "for ${1//;/, } (build/cuda)"
  for entry in ${1//;/ }; do
    number=${entry%%[!0-9]*}
    if [[ $entry == *-real ]]; then ((number == gpu)) && fits=1; else ((number <= gpu)) && fits=1; fi
  done
  # The runtime calls this error 209, "no kernel image is available for execution on the device".
  [[ -n $fits ]] || advise "the kernels were built for sm_${1//;/, sm_}, the GPU is sm_$gpu" "rm -r build/cuda && ./course test"
}

check_memory() {
  local total free disk
  if [[ -r /proc/meminfo ]]; then
    total=$(awk '/^MemTotal/ { printf "%.1f", $2 / 1048576 }' /proc/meminfo)
    free=$(awk '/^MemAvailable/ { printf "%.1f", $2 / 1048576 }' /proc/meminfo)
    report memory "$total GiB, $free GiB available; $(nproc) cores, $(job_count) compile jobs at once"
    awk -v free="$free" 'BEGIN { exit !(free < 1.5) }' &&
      advise "less than 1.5 GiB of memory is available: a compile job may need that much" "close other programs"
  fi
  disk=$(df -Pk "$root" 2>/dev/null | awk 'NR == 2 { printf "%.0f", $4 / 1048576 }')
  report disk "$disk GiB free at $root"
  local place=$root
  [[ -e $root/build ]] && place=$root/build
  [[ -d $place && -w $place ]] || fault "$place cannot be written: nothing can be built" "clone the course into a folder of your own"
  ((disk < 2)) && fault "a full build takes about 2 GiB of disk, and $disk GiB are free" "free some space"
  return 0
}

check_data() {
  local folder=${COURSE_DATA:-${HOME-}/.minitorch_course} near
  [[ $folder == '~' || $folder == '~/'* ]] && folder=${HOME-}${folder#\~}
  near=$folder
  while [[ ! -e $near ]]; do near=$(dirname "$near"); done
  if [[ -d $folder ]]; then report data "$folder, $(du -sh "$folder" 2>/dev/null | cut -f1) used"
  else report data "$folder (made at the first download)"
  fi
  [[ -w $near ]] || advise "datasets cannot be kept: $near is not writable" "export COURSE_DATA=FOLDER"
  return 0
}

# Asks the host that keeps the course's datasets for a connection: no request is sent.
check_network() {
  local proxy=${https_proxy:-${HTTPS_PROXY-}}
  if timeout 4 bash -c ': </dev/tcp/s3.amazonaws.com/443' 2>/dev/null; then report network "yes"
  elif [[ -n $proxy ]]; then report network "through the proxy $(sed 's|//[^@/]*@|//|' <<<"$proxy"); not tried"
  else
    report network "no"
    advise "datasets cannot be downloaded now; every lesson also runs on data that comes with it"
  fi
}

check_terminal() {
  local colours columns
  if [[ ! -t 1 ]]; then
    report terminal "none: plain text, one line an epoch, no colours"
    return
  fi
  colours=$(tput colors 2>/dev/null)
  columns=$(tput cols 2>/dev/null)
  [[ -n ${NO_COLOR-} || ${TERM-dumb} == dumb ]] && colours=0
  report terminal "${TERM-unknown}, ${columns:-80} columns, ${colours:-0} colours, $(locale charmap 2>/dev/null || echo ASCII)"
}
