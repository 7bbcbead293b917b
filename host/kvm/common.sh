# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the scripts next to it.

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
patches=$here/patches/6.1
tarball=${KVM_SOURCE:-/usr/src/linux-source-6.1.tar.xz}
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

need()
{
	[ -e "$1" ] || die "$1: not found; install it with 'apt-get install $2'"
}

# config FILE: a hash of what decides whether modules match an image.
compiler_of()
{
	sed -n 's/^CONFIG_CC_VERSION_TEXT="\([^ "]*\).*/\1/p' "$1"
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
