"""The programs that run another program on this machine, and how their own words are read.

By their manuals: which options take the next word, which only what is attached to them, and with
which of them nothing is run, or not here.
"""

from __future__ import annotations

from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class Wrapper:
    """How the words of a wrapper are read. Letters and long names of options, without dashes.

    - `valued`: the next word is their value, where none is attached.
    - `attached`: what follows the letter in the same word is its value.
    - `off`: with one of these, what follows is no command that is run.
    - `away`: with one of these, it runs in another root or on another machine.
    - `login`: with one of these, it runs with the settings of a login: another `PATH`.
    - `operands`: words that stand before the command: a time, a file, a user, a priority.
    - `assigns`: whether assignments may stand before the command.
    """

    valued: frozenset[str] = frozenset()
    attached: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()
    login: frozenset[str] = frozenset()
    operands: int = 0
    assigns: bool = False


def _wrapper(
    letters: str = "",
    names: str = "",
    *,
    attached: str = "",
    off: str = "",
    away: str = "",
    login: str = "",
    operands: int = 0,
    assigns: bool = False,
) -> Wrapper:
    return Wrapper(
        frozenset([*letters, *names.split()]),
        frozenset(attached),
        frozenset(off.split()),
        frozenset(away.split()),
        frozenset(login.split()),
        operands,
        assigns,
    )


WRAPPERS: dict[str, Wrapper] = {
    "sudo": _wrapper(
        "aughpCcrtTUDR",
        "user group host prompt close-from role type command-timeout other-user chdir chroot",
        off="e l v K V edit list validate remove-timestamp version",
        away="R chroot",
        login="i login",
        assigns=True,
    ),
    "doas": _wrapper("aCu", off="C L"),
    "pkexec": _wrapper("", "user", off="version"),
    "sshpass": _wrapper("pfdP"),
    "env": _wrapper("uC", "unset chdir", off="S split-string", assigns=True),
    "timeout": _wrapper("ks", "kill-after signal", operands=1),
    "nice": _wrapper("n", "adjustment"),
    "ionice": _wrapper("cn", "class classdata", off="p P u pid pgid uid"),
    "nohup": _wrapper(),
    "stdbuf": _wrapper("ioe", "input output error"),
    "setsid": _wrapper(),
    "xargs": _wrapper(
        "adEILnPs",
        "arg-file delimiter max-args max-procs max-chars process-slot-var",
        attached="eil",
    ),
    "time": _wrapper("fo", "format output"),
    "command": _wrapper(),
    "exec": _wrapper("a"),
    "builtin": _wrapper(),
    "strace": _wrapper(
        "abeEIoOpPsSuUX",
        "attach trace user env string-limit output signal abbrev verbose raw inject fault read"
        " write kvm trace-path columns interruptible summary-columns summary-sort-by const-print"
        "-style argv0",
    ),
    "ltrace": _wrapper("aADeFlnopsuUwxX", "align config output library where indent"),
    "flock": _wrapper("wE", "wait timeout conflict-exit-code", operands=1),
    "runuser": _wrapper(
        "ugGsw",
        "user group supp-group shell whitelist-environment",
        login="l login",
    ),
    "setpriv": _wrapper(
        "",
        "reuid regid groups inh-caps ambient-caps bounding-set securebits ruid euid rgid egid"
        " pdeathsig ptracer selinux-label apparmor-profile landlock-access landlock-rule",
        off="d dump",
    ),
    "gosu": _wrapper(operands=1),
    "su-exec": _wrapper(operands=1),
    "setuidgid": _wrapper(operands=1),
    "unbuffer": _wrapper(),
    "chronic": _wrapper(),
    "chrt": _wrapper(
        "TPD", "sched-runtime sched-period sched-deadline", off="p m pid max", operands=1
    ),
    "taskset": _wrapper(off="p pid", operands=1),
    "numactl": _wrapper(
        "NmiCP",
        "cpunodebind membind interleave physcpubind preferred preferred-many weighted-interleave",
        off="s H show hardware",
    ),
    "chroot": _wrapper("", "userspec groups", operands=1),
    "nsenter": _wrapper(
        "tSG",
        "target setuid setgid",
        attached="muinpUCTrwW",
        away="m a r mount all root",
    ),
    "unshare": _wrapper(
        "RwSGl",
        "root wd setuid setgid map-user map-group map-users map-groups propagation setgroups"
        " monotonic boottime load-interp owner",
        attached="muinpUCT",
        away="R root",
    ),
    "systemd-run": _wrapper(
        "upMHEC",
        "unit property description slice uid gid nice working-directory setenv machine host"
        " service-type on-active on-boot on-startup on-unit-active on-unit-inactive on-calendar"
        " path-property socket-property timer-property background job-mode capsule json",
        off="S shell",
        away="M H C machine host capsule",
    ),
    "systemd-inhibit": _wrapper("", "what who why mode", off="list"),
    "parallel": _wrapper(
        "jSanNLIdCEsPWJ",
        "jobs joblog halt halt-on-error delay retries timeout results res sshlogin sshloginfile"
        " slf arg-file colsep delimiter tmpdir tempdir workdir wd max-args max-replace-args"
        " max-procs max-chars max-line-length-allowed nice load memfree memsuspend tagstring env"
        " basefile bf return transferfile tf block block-size recstart recend rpl arg-sep"
        " arg-file-sep profile limit sshdelay seqreplace filter template tmpl shellquote-level",
        attached="eil",
        away="S sshlogin sshloginfile slf",
        off="shellquote embed version minversion number-of-cores number-of-cpus citation",
    ),
    "watch": _wrapper("nqs", "interval equexit shotsdir", attached="d", off="v version"),
}
"""All of them, by name. What they run has the files of this machine, but for `away` ones."""

TIMERS = frozenset(
    """
    on-active on-boot on-startup on-unit-active on-unit-inactive on-calendar timer-property
    path-property socket-property on-timezone-change on-clock-change
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""The options of `systemd-run` with which the command runs some other time."""
