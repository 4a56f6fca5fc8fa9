#!/usr/bin/env bash
# Installs what firmware is built, emulated and checked with, from Debian's packages (Debian 12 or later, Ubuntu 22.04 or later). Says
# what is there and what is missing; installs only that. `--check` installs nothing: status 1 if something is missing.
set -euo pipefail

usage="Usage: scripts/toolchain.sh [--check]
Installs what firmware is built, emulated and checked with, from Debian's packages; only what is missing.
  --check  install nothing; status 1 if something is missing"
if [ $# -gt 1 ]; then
  echo "$usage" >&2
  exit 2
fi
case "${1:-}" in
  "" | --check) ;;
  -h | --help)
    echo "$usage"
    exit 0
    ;;
  *)
    echo "unknown option: $1" >&2
    echo "$usage" >&2
    exit 2
    ;;
esac

# program, package, what it is for
tools=(
  "gcc gcc native_sim, and the power-cut test"
  "arm-none-eabi-gcc gcc-arm-none-eabi boards with a Cortex-M"
  "riscv64-unknown-elf-gcc gcc-riscv64-unknown-elf boards with RISC-V"
  "qemu-system-arm qemu-system-arm emulated Cortex-M boards"
  "qemu-system-riscv32 qemu-system-misc emulated RISC-V boards"
  "wasm2c wabt the engine aot"
  "socat socat virtual serial lines"
  "python3 python3 interoperability checks"
  "softhsm2-util softhsm2 keys in an HSM, tested"
  "pkcs11-tool opensc keys in an HSM, tested"
)
# Packages without a program: a file of theirs, the package, what it is for.
libraries=(
  "/usr/include/stdlib.h libc6-dev native_sim"
  "/usr/lib/arm-none-eabi/newlib/nano.specs:/usr/lib/arm-none-eabi/lib/nano.specs libnewlib-arm-none-eabi boards with a Cortex-M"
  "/usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs:/usr/lib/gcc/riscv64-unknown-elf/*/picolibc.specs picolibc-riscv64-unknown-elf boards with RISC-V"
)

packages=()
missing() {
  packages+=("$1")
  echo "missing: $1 (${*:2})"
}
for entry in "${tools[@]}"; do
  read -r program package purpose <<<"$entry"
  command -v "$program" >/dev/null || missing "$package" "$purpose"
done
for entry in "${libraries[@]}"; do
  read -r files package purpose <<<"$entry"
  compgen -G "${files%%:*}" >/dev/null || compgen -G "${files##*:}" >/dev/null || missing "$package" "$purpose"
done

if [ ${#packages[@]} -eq 0 ]; then
  echo "toolchain: all there"
  exit 0
fi
[ "${1:-}" != "--check" ] || exit 1
if ! command -v apt-get >/dev/null; then
  echo "This is no Debian or Ubuntu: install the packages above with your system's package manager." >&2
  exit 1
fi
sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
$sudo apt-get update -q
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${packages[@]}"
