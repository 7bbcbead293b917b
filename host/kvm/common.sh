# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the scripts next to it.

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# What the series touches, and what its tests are built from.
sources='arch/x86 include virt/kvm Documentation/virt/kvm MAINTAINERS'
names='kvm kvm-amd kvm-intel'

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# The kernel release to build for: KREL, or that of linux-headers-cloud-amd64.
kernel_release()
{
	if [ -n "${KREL:-}" ]; then
		echo "$KREL"
		return
	fi
	dpkg-query -W -f '${Depends}' linux-headers-cloud-amd64 2>/dev/null |
		grep -o '[0-9][^ ,]*-cloud-amd64' | head -n 1
}

# choose_series RELEASE: the patches for a kernel, the source that they apply to, and
# its headers.
choose_series()
{
	[ -n "$1" ] || die "no kernel release: set KREL, or install linux-headers-cloud-amd64"
	series=$("$top/scripts/kernel-series" "$1")
	patches=$here/patches/$series
	tarball=${KVM_SOURCE:-/usr/src/linux-source-$series.tar.xz}
	headers=${KDIR:-/usr/src/linux-headers-$1}
	[ -d "$patches" ] ||
		die "$1: there is no series for this kernel, only for $(cd "$here/patches" && echo *)"
}

need()
{
	[ -e "$1" ] || die "$1: not found; install it with 'apt-get install $2'"
}

# compiler_of CONFIG: the compiler that a kernel was configured for.
compiler_of()
{
	sed -n 's/^CONFIG_CC_VERSION_TEXT="\([^ "]*\).*/\1/p' "$1"
}

# rust_of CONFIG: the variable for make that hides a Rust compiler of this machine from
# a kernel that was configured without one.
rust_of()
{
	! grep -qx 'CONFIG_RUSTC_VERSION=0' "$1" || echo RUSTC=false
}

unpack()
{
	rm -rf "$1"
	mkdir -p "$1"
	tar -xJf "$tarball" -C "$1" --strip-components=1
}

vermagic()
{
	/sbin/modinfo -F vermagic "$1" 2>/dev/null ||
		tr '\0' '\n' < "$1" | sed -n 's/^vermagic=//p'
}
