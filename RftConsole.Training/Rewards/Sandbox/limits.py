"""Resource limits and a system-call filter for the process that runs a user's reward function.

Namespaces (bubblewrap) decide what the process can see. What is done here bounds what it can use up, and keeps it from
reaching into the worker, which runs under the same user id: no ptrace, no foreign limits or priorities, no
shared memory that outlives the call, no new namespaces.
"""
import ctypes
import errno
import os
import platform
import resource
import struct

PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 4, 38, 22
SECCOMP_MODE_FILTER = 2
ARCHITECTURE_X86_64 = 0xC000003E
CLONE, FORK, VFORK, CLONE3, PRLIMIT64, SOCKET = 56, 57, 58, 435, 302, 41
# AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK end at the network namespace; AF_VSOCK, which leads to the host of a virtual machine, does not.
SOCKET_FAMILIES = (1, 2, 10, 16)
CLONE_THREAD = 0x00010000
CLONE_NEW_ANYTHING = 0x7E020080  # CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET, TIME

# Numbers of the x86-64 table.
REFUSED = {
    # reaching into other processes
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "pidfd_getfd": 438,
    "process_madvise": 440, "process_mrelease": 448, "migrate_pages": 256, "move_pages": 279,
    "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144, "sched_setaffinity": 203, "sched_setattr": 314,
    "ioprio_set": 251,
    # namespaces and mounts
    "setns": 308, "unshare": 272, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "name_to_handle_at": 303, "open_by_handle_at": 304,
    # memory that no limit counts, or that survives the process
    "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "shmat": 30, "semget": 64, "msgget": 68, "mq_open": 240,
    "add_key": 248, "request_key": 249, "keyctl": 250,
    # large parts of the kernel that no grader needs
    "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "init_module": 175, "delete_module": 176, "finit_module": 313, "kexec_load": 246,
    "kexec_file_load": 320, "personality": 135, "modify_ldt": 154, "syslog": 103, "acct": 163, "swapon": 167,
    "swapoff": 168, "reboot": 169, "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "quotactl": 179,
    "vmsplice": 278,
}

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def hide_memory():
    """Makes this process closed to ptrace and to reads of its memory by processes of the same user."""
    _prctl(PR_SET_DUMPABLE, 0)


def apply(settings, seconds):
    """Limits this process and all that it starts, for good: hard limits, without a way back."""
    cpu = int(seconds) + 2
    memory = settings["memoryLimit"]
    for limit, value in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, settings["fileLimit"]),
        (resource.RLIMIT_NPROC, settings["processLimit"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _install(settings["filter"])


def compile_filter(allow_processes):
    """The filter as bytes. Where the kernel would not enforce the limit of processes, new ones are refused altogether."""
    if platform.machine() != "x86_64":
        raise OSError(errno.ENOSYS, "the system-call filter of the reward sandbox knows x86-64 only, and this is " + platform.machine())
    load_number, load_architecture, load_argument = 0, 4, 16  # offsets in struct seccomp_data
    equal, at_least, any_bit = 0x15, 0x35, 0x45
    allow, kill = 0x7FFF0000, 0x80000000
    refuse = 0x00050000 | errno.EPERM

    def load(offset):
        return (0x20, 0, 0, offset)

    def end(action):
        return (0x06, 0, 0, action)

    program = [load(load_architecture), (equal, 1, 0, ARCHITECTURE_X86_64), end(kill), load(load_number)]
    program += [(at_least, 0, 1, 0x40000000), end(refuse)]  # the x32 table: the same calls under other numbers
    refused = sorted(REFUSED.values()) + ([] if allow_processes else [FORK, VFORK])
    for number in refused:
        program += [(equal, 0, 1, number), end(refuse)]
    # clone3 hides its flags behind a pointer; the C library falls back to clone.
    program += [(equal, 0, 1, CLONE3), end(0x00050000 | errno.ENOSYS)]
    program += [(equal, 0, 3, PRLIMIT64), load(load_argument), (equal, 1, 0, 0), end(refuse), load(load_number)]
    families = [(equal, len(SOCKET_FAMILIES) - position, 0, family) for position, family in enumerate(SOCKET_FAMILIES)]
    program += [(equal, 0, len(families) + 3, SOCKET), load(load_argument)] + families + [end(refuse), load(load_number)]
    program += [(equal, 1, 0, CLONE), end(allow), load(load_argument), (any_bit, 0, 1, CLONE_NEW_ANYTHING), end(refuse)]
    if not allow_processes:
        program += [(any_bit, 1, 0, CLONE_THREAD), end(refuse)]
    program.append(end(allow))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _install(instructions):
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(len(instructions) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program))


def _prctl(option, first, second=None):
    if _libc.prctl(option, ctypes.c_ulong(first), second, None, None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, "prctl(%d): %s" % (option, os.strerror(number)))
