"""How long a preStop hook holds TERM back, as the kubelet and a shell take it.

The kubelet starts a hook's command without a shell: the first word is a program, the others are its arguments. Only
where that program is a shell is there a command line, of which the beginning is read: sleeps, and what ends at once.
Not known here: whether the image holds the program, and whether the shell can parse the script to its end.
Source: kubernetes/kubernetes pkg/kubelet/lifecycle/handlers.go; POSIX, Shell Command Language.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nodrop.paths.fields import Field, is_unknown_or_masked

SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_UNIT_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]*)?|\.[0-9]+)([smhd]?)")
"""Source: GNU coreutils sleep and BusyBox sleep, which take the sum of several."""
_OPEN_ARGUMENT = re.compile(
    r"-.*|[+]?(?:0x[0-9a-f.p+-]+|[0-9.]+(?:e[+-]?[0-9]+)?|inf|infinity)[smhd]?|.*[${].*", re.IGNORECASE | re.DOTALL
)
"""Options, other notations of numbers, and what another tool may yet fill in."""
_WITH_ARGUMENTS = re.compile(r"[^\s/\\]+\s[^/\\]*\Z|(?:\S*/)?(?:sleep|sh|bash|ash|dash)\s")
"""A word that holds a program and its arguments; with a folder before the blank it may be the name of a file."""
_NEVER_PROGRAMS = frozenset({".", "eval", "exec", "exit", "export", "return", "set", "source", "trap"})
"""Built into shells, and programs nowhere."""
_AT_ONCE = frozenset({":", "echo", "printf", "true"})
_ENDING = re.compile(
    r"(?:\S*/)?(?:kill(?: -(?:[Tt][Ee][Rr][Mm]|15|s (?:[Tt][Ee][Rr][Mm]|15)))? 1|nginx(?: \S+)* -s (?:quit|stop)"
    r"|(?:apachectl|apache2ctl|apache2|httpd)(?: -k)? (?:graceful-stop|stop))"
)
"""What lets the application end, whatever the hook does next: it takes no new connection while the hook still sleeps.

Other signals may mean anything, `kill` of dash takes no name that begins with SIG, and the kernel keeps KILL from the
first process; other processes may be anybody's.
Source: kill(1); dash(1); pid_namespaces(7); nginx.org, Controlling nginx; httpd.apache.org, Stopping and Restarting.
"""
_ENDING_BY_SIG = re.compile(r"kill -(?:s )?SIGTERM 1", re.IGNORECASE)
"""The same in bash, and by a program called kill."""
_SET_OPTIONS = re.compile(r"[-+][aefuvxo]+|pipefail|errexit|nounset|xtrace")
_PIPEFAIL = "pipefail"
"""An option of bash; the `sh` of some images, such as dash, ends at it. Source: dash(1), set."""
_SHELL_OPTIONS = re.compile(r"-[aefuvxlo]*")
_WORD = r"""(?:[\w./:=,%+@-]|'[^']*'|"(?:[^"$`\\]|\$\{?\w+\}?)*")+"""
_OUTPUT = r"(?:[ \t]*[0-9]?>>?[ \t]*(?:&[0-9]|/dev/\w+|/proc/1/fd/[0-9](?![ \t]*(?:2>&1[ \t]*)?(?:&&|\|\|))))"
_COMMAND = re.compile(
    rf"(?P<words>{_WORD}(?:[ \t]+(?![0-9]+[<>]){_WORD})*){_OUTPUT}*"
    r"(?:[ \t]*(?P<end>;(?!;)|\n|&&|\|\||\Z)|[ \t]+#[^\n]*(?:\n|\Z))"
)
_BACKGROUND = re.compile(r"(?<![&>])&(?![&0-9])")
_WAITS = re.compile(
    r"(?:^|[;&|({\n]|\b(?:then|do|else)\b)\s*"
    r"(?:(?:while|until|for)(?=[\s(])|tail\s[^;&|\n]*(?:--pid|--follow|-[a-z]*f)\b|sleep\s+inf)"
)
"""A loop, or what never ends by itself: before TERM it often waits for what only TERM brings about, which takes the
whole grace period."""
_JOINED = re.compile(r"((?:^|(?<=[\s;]))#[^\n]*)|\\\n", re.MULTILINE)
"""A comment, and the end of a line that goes on in the next."""
_LAST = re.compile(
    r"(?:\S*/)?(?:kill|pkill)(?:[ \t]+(?:-{0,2}[\w./]+|'[^']*'|\$\((?:pidof|pgrep|cat) [\w./ -]+\)))+[ \t]*;?\s*"
    rf"|{_ENDING.pattern}[ \t]*;?\s*"
)
"""What ends at once, whatever it brings about, as nothing comes after it."""
_SLEEPS = re.compile(r"(?:^|[\s;&|/])sleep\s")
_BLANK = re.compile(r"(?:\s|#[^\n]*(?:\n|\Z))*")


@dataclass(frozen=True, kw_only=True)
class PreStop:
    """A preStop hook."""

    seconds: int | None
    """Seconds that it lasts, the least where `may_last_longer`; None: not known, or there is no hook."""
    runs_more: bool = False
    """Whether more is run than sleeps and what ends at once."""
    may_last_longer: bool = False
    """Whether more than the sleeps at its beginning is run, of which nobody knows how long it takes."""
    fails: str = ""
    """Why it fails at once, whatever the image holds; empty where it does not, or where that is not known."""
    ended_by: str = ""
    """The command that tells the application to end after these seconds; empty where none certainly does."""
    sleeps_after: bool = False
    """Whether sleeps follow that command, which therefore count for nothing."""


_UNKNOWN = PreStop(seconds=None)


def read_pre_stop(hook: Field, *, asks_node: bool = False) -> PreStop:
    """What a `lifecycle.preStop` does; `asks_node`: its httpGet asks the node. Raises ReadingError.

    It is raised where a word or a number is not one.
    """
    if hook["sleep"].value is not None:
        return PreStop(seconds=hook["sleep"]["seconds"].integer(default=0))
    if hook["tcpSocket"].value is not None and hook["exec"].value is None and hook["httpGet"].value is None:
        return _failing("the kubelet runs no hook of tcpSocket")
    if asks_node and hook["exec"].value is None:
        return _failing("it asks a loopback address; the kubelet connects from the node, which is not the pod")
    words = [word.text() or "" for word in hook["exec"]["command"].entries()]
    return _UNKNOWN if any(map(is_unknown_or_masked, words)) else _of_command(words)


def program_of(words: Sequence[str]) -> str:
    """The name of the program that a command starts, without its folder; empty where there is none."""
    return words[0].rpartition("/")[2] if words else ""


def _failing(why: str) -> PreStop:
    return PreStop(seconds=0, fails=why)


def _of_command(words: Sequence[str]) -> PreStop:
    program = program_of(words)
    if program != (words[:1] or [""])[0] and not words[0].startswith("/"):
        return _UNKNOWN  # below the image's working directory
    if program == "busybox":
        return _of_command(words[1:])
    if program == "sleep":
        return _of_sleep(words[1:])
    if program in SHELLS:
        return _of_shell(program, words[1:])
    if words and (words[0] in _NEVER_PROGRAMS or _WITH_ARGUMENTS.match(words[0])):
        return _failing(f"no program is called `{words[0]}`: without a shell, the first entry is the program's name")
    return PreStop(seconds=0, runs_more=True, ended_by=" ".join(words)) if _ends("", words) else _UNKNOWN


def _ends(shell: str, words: Sequence[str]) -> bool:
    """Whether a command lets the application end; without a shell it is a program."""
    command = " ".join(words)
    by_sig = shell in ("", "bash") and _ENDING_BY_SIG.fullmatch(command)
    return bool(by_sig or _ENDING.fullmatch(command))


def _of_sleep(arguments: Sequence[str]) -> PreStop:
    durations = [_DURATION.fullmatch(each.lstrip()) for each in arguments]
    if durations and all(durations):
        return PreStop(seconds=int(sum(float(each[1]) * _UNIT_SECONDS[each[2]] for each in durations if each)))
    for argument, duration in zip(arguments, durations, strict=True):
        if not duration and not _OPEN_ARGUMENT.fullmatch(argument):
            return _failing(f"sleep takes no argument `{argument}`")
    return _UNKNOWN if arguments else _failing("sleep is not told for how long")


def _of_shell(shell: str, arguments: Sequence[str]) -> PreStop:
    rest, reads_script, given = list(arguments), False, list[str]()
    while rest and rest[0].startswith("-"):
        options = rest.pop(0)
        reads_script = reads_script or "c" in options
        given.append(options)
        if not _SHELL_OPTIONS.fullmatch(options.replace("c", "")):
            return _UNKNOWN
        if "o" in options:
            if not rest or not _is_option(shell, rest[0]):
                return _UNKNOWN
            given.append(rest.pop(0))
    if rest and reads_script:
        return _UNKNOWN if _may_end_early(given, rest[0]) else _of_script(shell, rest[0])
    if rest and not reads_script and _WITH_ARGUMENTS.match(rest[0]):
        return _failing(f"the shell reads a file called `{rest[0]}`: -c is missing")
    return _UNKNOWN


def _is_option(shell: str, word: str) -> bool:
    return bool(_SET_OPTIONS.fullmatch(word)) and (word != _PIPEFAIL or shell == "bash")


def _of_script(shell: str, script: str) -> PreStop:
    """The sleeps at a script's beginning; what comes after something unknown adds nothing that is known.

    After `||` nothing is run, as all that comes before it succeeds. One `&` sends a whole list of `&&` and `||` to the
    background, so the sleeps of a list count once it is known to end otherwise.
    """
    seconds, in_list, rest, is_skipped = 0, 0, _JOINED.sub(lambda each: each[1] or "", script), False
    while rest := rest[_blank(rest) :]:
        if _LAST.fullmatch(rest):
            last = re.sub("['\"]", "", rest).rstrip("; \t\n")
            by = last if _ends(shell, last.split()) else ""
            return PreStop(seconds=seconds + in_list, runs_more=True, ended_by=by)
        command = _COMMAND.match(rest)
        if command is None or _WAITS.match(rest):
            return _beginning(seconds + (0 if _BACKGROUND.search(rest) else in_list), rest)
        rest, end = rest[command.end() :], command["end"] or ""
        ends_list = end not in ("&&", "||")
        if not ends_list and not rest[_blank(rest) :]:
            return PreStop(seconds=None, runs_more=True)
        is_known = ends_list or not _BACKGROUND.search(rest)
        if not is_skipped:
            words = [re.sub("['\"]", "", word) for word in re.findall(_WORD, command["words"])]
            replaces = words[0] == "exec"
            words = words[1:] if replaces else words
            done = _of_simple(shell, words)
            before = seconds + (in_list if is_known else 0)
            if done.fails and not rest[_blank(rest) :]:
                return replace(done, seconds=before, fails="" if before else done.fails)
            if done.seconds is None or done.fails or not is_known or _may_end_early(_set_by(words), rest):
                text = " ".join(words)
                by = text if is_known and _ends(shell, words) else ""
                return _beginning(before, f"{text}{end}{rest}", ended_by=by)
            in_list += done.seconds
            if replaces or words[:1] == ["exit"]:
                break
        is_skipped = end == "||"
        if ends_list:
            seconds, in_list = seconds + in_list, 0
    return PreStop(seconds=seconds + in_list)


def _set_by(words: Sequence[str]) -> Sequence[str]:
    """The options that a command of a script sets."""
    return words[1:] if words[:1] == ["set"] else ()


def _may_end_early(options: Sequence[str], script: str) -> bool:
    """Whether a shell with these options ends at what nobody knows: which variables are set, what the first process is.

    Source: POSIX, set -e and -u; proc(5), /proc/pid/fd asks for the right to trace that process.
    """
    letters = {letter for each in options if each.startswith("-") for letter in each[1:]}.union(options)
    return bool((letters & {"u", "nounset"} and "$" in script) or (letters & {"e", "errexit"} and "/proc/1/" in script))


def _beginning(seconds: int, rest: str, *, ended_by: str = "") -> PreStop:
    """A script of which only the sleeps at its beginning are known.

    The rest may hold TERM back, until the end of the grace period where it waits for something. `ended_by`: what has
    told the application to end by then; sleeps that follow are none in which it serves.
    """
    if ended_by:
        return PreStop(seconds=seconds, runs_more=True, ended_by=ended_by, sleeps_after=bool(_SLEEPS.search(rest)))
    if _WAITS.search(rest):
        return PreStop(seconds=None, runs_more=True)
    return PreStop(seconds=seconds or None, runs_more=True, may_last_longer=seconds > 0)


def _blank(script: str) -> int:
    blank = _BLANK.match(script)
    return blank.end() if blank else 0


def _of_simple(shell: str, words: Sequence[str]) -> PreStop:
    """One command of a script."""
    if program_of(words) == "sleep":
        return _of_sleep(words[1:])
    if words and "=" not in words[0] and _WITH_ARGUMENTS.match(words[0]):
        return _failing(f"no program is called `{words[0]}`")
    ends = words[:1] == ["exit"] and all(each.isdecimal() for each in words[1:])
    sets = words[:1] == ["set"] and all(_is_option(shell, each) for each in words[1:])
    says_date = words[:1] == ["date"] and all(each.startswith("+") for each in words[1:])
    is_at_once = ends or sets or says_date or (words and words[0] in _AT_ONCE)
    return PreStop(seconds=0) if is_at_once else _UNKNOWN
