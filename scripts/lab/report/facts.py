# SPDX-License-Identifier: GPL-2.0
"""The head of a report: what was measured, where and when."""

from lab.machines.load import describe, is_busy
from lab.workload.cells import CONTROL, GUESTS, HOST, XEN_HOST, in_groups
from lab.workload.threads import MOST_OTHERS

# A machine with more load per CPU than this, before a campaign, is no quiet machine.
BUSY_SHARE = 0.4


def implementations(document):
    """What the locks were in the guests that ran: [(series, implementation), ...]."""
    plan = document["plan"]
    found = {}
    for cell in document["cells"]:
        if cell["implementation"] and not cell.get(CONTROL):
            found.setdefault(str(cell[plan["series"]]), set()).add(cell["implementation"])
    return [(name, " / ".join(sorted(texts))) for name, texts in found.items()]


def facts(document):
    """The lines at the head of every report: [(name, text), ...]."""
    plan, manifest = document["plan"], document["manifest"]
    lines = [("status", status_text(document)),
             ("obtained on", document["label"])]
    lines += [(f"lock {name}", text) for name, text in implementations(document)]
    lines.append(("runs", f"{len(document['cells'])} cells, {plan['repeats']} repeats of "
                  f"{plan['duration_ms']} ms after {plan['warmup_ms']} ms of warm-up, "
                  f"interleaved at random from seed {plan['seed']}"))
    lines.append(("CPUs", f"{plan['pcpus']} physical CPUs for the guests"))
    lines += [("busy", text) for text in busy_texts(document)]
    if "machines" in manifest:
        lines.append(("machines", ", ".join(manifest["machines"])))
    hosts = plan.get("axes", {}).get(HOST)
    if hosts:
        lines.append(("hosts", hosts_text(hosts)))
    lines += [("guests", text) for text in guest_texts(manifest.get("guests", {}))]
    if manifest.get("date"):
        lines.append(("measured", f"{manifest['date']}, in {manifest['duration_s']:.0f} s"))
    if manifest.get("git_revision"):
        lines.append(("revision", manifest["git_revision"]))
    return lines


def busy_texts(document):
    """How busy the machine was with other work, in as many sentences as that takes."""
    return busy_before(document["manifest"]) + busy_rounds(document) + busy_repeats(document)


def busy_before(manifest):
    """The load before a campaign of an earlier version, whose runs have no readings."""
    load, cpus = manifest.get("load_before"), manifest.get("machine", {}).get("cpus")
    if load is None or not cpus or load <= BUSY_SHARE * cpus:
        return []
    return [f"load average {load:.1f} on {cpus} CPUs before the campaign; other work on the "
            "machine makes the figures unreliable"]


def busy_rounds(document):
    """In which rounds the machine was busy, and how much."""
    found = {}
    for cell in document["cells"]:
        for run in cell["repeats"]:
            if run.get("machine") and is_busy(run["machine"]):
                found.setdefault(run["repeat"] + 1, []).append(run["machine"])
    if not found:
        return []
    readings = sum(found.values(), [])
    worst = max(readings, key=lambda each: each["others_cpus"] + each["steal_cpus"])
    runs = sum(len(cell["repeats"]) for cell in document["cells"])
    rounds = ", ".join(map(str, sorted(found)))
    return [f"the machine was busy in {len(readings)} of {runs} runs, of "
            f"{'round' if len(found) == 1 else 'rounds'} {rounds}; at worst, "
            f"{describe(worst)}: the figures are unreliable, see the noise"]


def busy_repeats(document):
    """How many runs count although they had to be repeated because of others.

    Only the process lab does that: it measures what others use of its own CPUs, in the measured
    interval alone.
    """
    shares = [each["metrics"].get("others_share") for cell in document["cells"]
              if cell.get(GUESTS, 1) == 1 for each in cell["repeats"] if each["status"] == "ok"]
    known = [share for share in shares if share is not None]
    busy = [share for share in known if share > MOST_OTHERS]
    if not busy:
        return []
    return [f"in {len(busy)} of {len(known)} runs others used more than {MOST_OTHERS:.0%} of the "
            f"lab's CPUs, at most {max(busy):.0%}, although such runs were repeated"]


def hosts_text(hosts):
    """Which KVM modules, and how their runs were mixed."""
    names = ["Xen" if host == XEN_HOST else f"{host} KVM" for host in hosts]
    if len(hosts) == 1:
        return names[0]
    return (f"{' and '.join(names)}, each booted anew in every round, in turns of changing "
            "order")


def vcpus_text(guests, name):
    """The number of vCPUs of a guest, which earlier versions did not record but as its name."""
    return str(guests[name].get("vcpus", name.partition(" ")[0]))


def bare_text(guests):
    """What guests without a kernel were."""
    first = guests[0]
    sizes = ", ".join(str(guest["vcpus"]) for guest in guests)
    return (f"{sizes} vCPUs without an operating system, at CPL {first['cpl']} "
            f"({first['cpl0_loops_per_us']:.1f} loops/us at CPL 0, "
            f"{first['cpl3_loops_per_us']:.1f} at CPL 3), kicks by {first['kick']}, PAUSE takes "
            f"{pause_text(guests)}")


def guest_texts(guests):
    """What the guests were, one line for those that are alike."""
    processes = [size for size in guests if guests[size].get("vcpus_are") == "threads"]
    if processes:
        return [f"{', '.join(vcpus_text(guests, size) for size in processes)} threads of a "
                f"process, on the kernel {guests[processes[0]]['kernel']} of this machine"]
    bare = [guests[size] for size in guests if guests[size].get("vcpus_are") == "bare"]
    if bare:
        return [bare_text(bare)]
    alike = in_groups(guests, lambda size: (size.partition(" ")[2],) + tuple(
        str(guests[size].get(name)) for name in
        ("kernel", "hypervisor", "cpuid_kvm_features", "pv_unhalt", "spinlock_implementation")))
    return [f"{', '.join(vcpus_text(guests, size) for size in sizes)} "
            f"{f'vCPUs {host}'.strip()}: kernel {kernel}, hypervisor {hypervisor}, CPUID features "
            f"{features} ({'pv_unhalt' if unhalt == 'True' else 'without pv_unhalt'}), "
            f"spinlock is {spinlock}, PAUSE takes "
            f"{pause_text(guests[size] for size in sizes)}"
            for (host, kernel, hypervisor, features, unhalt, spinlock), sizes in alike.items()]


def pause_text(environments):
    """The range of the cost of PAUSE that the guests have seen."""
    found = [each["pause_ns"] for each in environments if each.get("pause_ns") is not None]
    if not found:
        return "an unknown time"
    shortest, longest = f"{min(found):.0f}", f"{max(found):.0f}"
    return f"{longest} ns" if shortest == longest else f"{shortest} to {longest} ns"


def status_text(document):
    """Complete or not, and how many cells failed."""
    failed = sum(cell["status"] == "failed" for cell in document["cells"])
    text = document["status"]
    if document["status_reason"]:
        text += f" ({document['status_reason']})"
    return text + (f", {failed} of {len(document['cells'])} cells failed" if failed else "")
