# SPDX-License-Identifier: GPL-2.0
#
# "make help" lists the targets.

# The kernel to build for: that of the lab's guests.
KREL ?= $(shell scripts/kernel-release)
# Its headers, if they are neither installed nor under build/suites.
export KDIR
# The cloud kernel finds no devices as dom0.
XEN_KREL ?= $(subst -cloud-,-,$(KREL))
# PVLAB_BUILD: where to build, if these sources cannot be written to.
BUILD := $(or $(PVLAB_BUILD),$(CURDIR)/build)
BUILD_KREL = $(BUILD)/$(KREL)
CONFIG := $(if $(PVLAB_BUILD),$(BUILD),$(CURDIR))/.config
KBUILD_FLAGS := PVTICKETLOCK_CONFIG=$(CONFIG)

.DEFAULT_GOAL := help

help:				## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*##[[:space:]]*/\1\t/p' $(MAKEFILE_LIST) | expand -t 20

campaign:			## measure the locks and write a report (OUT=directory)
	scripts/setup campaign
	$(MAKE) -s -j$(shell nproc) modules vmm process bare
	scripts/pvlab campaign --lab all $(if $(OUT),--out $(OUT))

modules: $(CONFIG)		## build the kernel modules (KREL=release)
	scripts/mirror-sources $(BUILD_KREL)
	+scripts/kbuild $(KREL) M=$(BUILD_KREL) $(KBUILD_FLAGS) modules

$(CONFIG): scripts/defconfig
	@mkdir -p $(@D)
	cp $< $@

defconfig:			## set every option to its default
	cp scripts/defconfig $(CONFIG)

menuconfig: $(CONFIG)		## choose options
	KCONFIG_CONFIG=$(CONFIG) kconfig-mconf scripts/Kconfig

xen:				## build what the tests and campaigns under Xen need
	scripts/setup xen
	$(MAKE) -s KREL=$(XEN_KREL) xen-modules

# KREL is that of dom0.
xen-modules: MUTANTS := xen-never-sends
xen-modules: modules selftests mutants

# Modules with faults on purpose, for the negative controls in scripts/lab/testing/controls.py.
MUTANTS := no-recheck kick-refused kick-nowhere
mutants: modules
	@for mutant in $(MUTANTS); do \
		echo "  MUTANT  $$mutant"; \
		selftests/build-mutant-modules $$mutant $(KREL) \
			$(BUILD_KREL)/mutants/$$mutant || exit 1; \
	done

bench:				## cost of uncontended locks on this machine
	$(MAKE) -s -C selftests/bench OUTPUT=$(BUILD)/bench run

modules-matrix:			## build the modules for every kernel that Debian has headers for
	scripts/modules-matrix --table

lab-kernel:			## get a kernel for the lab's --guest-kernel and --l1-kernel (KREL=, SUITE=)
	$(if $(SUITE),scripts/suite-root $(SUITE) make linux-headers-$(KREL))
	KREL=$(KREL) scripts/setup campaign
	$(MAKE) -s KREL=$(KREL) modules selftests

lint:				## check the sources with every static checker
	scripts/lint

check:				## run every test, lint among them
	scripts/check

check-long:			## what check leaves out, up to an hour
	scripts/check --long

check-long-host:		## what check leaves out of the host series
	scripts/check --long-host

selftests:			## build the test programs that run in guests
	$(MAKE) -s -C selftests/pvticketlock \
		OUTPUT=$(BUILD_KREL)/selftests/run

vmm:				## build pvmm, the VMM
	$(MAKE) -s -C host/vmm OUTPUT=$(BUILD)/vmm

bare:				## build the guest without an operating system
	$(MAKE) -s -C guest/bare OUTPUT=$(BUILD)/bare

stress:				## the lock core in a process, also under sanitizers
	$(MAKE) -s -C selftests/stress run_tests sanitize

process:			## build the benchmark of threads for vCPUs
	$(MAKE) -s -C selftests/process OUTPUT=$(BUILD)/process
	$(MAKE) -s -C selftests/process/costs OUTPUT=$(BUILD)/costs

manual: vmm			## make the manual pages
	scripts/manual --pvmm $(BUILD)/vmm/pvmm $(BUILD)/man

install: manual			## install all (PREFIX=/usr/local, DESTDIR=)
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) scripts/install all

install-modules:		## install the sources that DKMS builds the modules from
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) scripts/install modules

uninstall:			## remove what was installed
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) scripts/install -u

deb:				## build packages of Debian, into build/deb
	scripts/setup deb
	scripts/deb $(BUILD)/deb

clean:				## remove what was built
	rm -rf $(BUILD)

include guest/kernel/Makefile
include host/kvm/Makefile

.PHONY: help campaign modules defconfig menuconfig bench lint check check-long
.PHONY: check-long-host
.PHONY: modules-matrix lab-kernel selftests stress process vmm bare clean xen
.PHONY: xen-modules mutants manual install install-modules uninstall deb
