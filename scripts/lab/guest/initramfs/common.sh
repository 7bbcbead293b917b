# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Functions shared by the first program (init) of L1 and of its guests.

mount_filesystems()
{
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	exec </dev/console >/dev/console 2>&1
	mkdir -p /dev/pts /dev/shm
	mount -t devpts devpts /dev/pts
	mount -t tmpfs tmpfs /dev/shm
	mount -t tmpfs tmpfs /run
	mount -t tmpfs tmpfs /tmp
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
}

# Name the virtio serial ports as udev would: /dev/virtio-ports/NAME.
link_ports()
{
	mkdir -p /dev/virtio-ports
	for port in /sys/class/virtio-ports/*; do
		read -r name <"$port/name"
		ln -sf "../${port##*/}" "/dev/virtio-ports/$name"
	done
}

# Port names arrive by interrupt, after the driver has been loaded.
wait_for_port()
{
	tries=0
	until link_ports 2>/dev/null && [ -e "/dev/virtio-ports/$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ] || { echo "pvlab: no port $1"; poweroff -f; }
		usleep 10000
	done
}

# With pvlab.shell=ROWS,COLUMNS on the kernel command line the console is a login
# shell, and leaving it ends the machine.
start_shell()
{
	size=$(sed -n 's/.*pvlab.shell=\([0-9]*\),\([0-9]*\).*/rows \1 columns \2/p' /proc/cmdline)
	[ -n "$size" ] || return 0
	# shellcheck disable=SC2086 # four words
	stty -F /dev/ttyS0 $size
	(setsid cttyhack sh -l; poweroff -f) </dev/console >/dev/console 2>&1 &
}
