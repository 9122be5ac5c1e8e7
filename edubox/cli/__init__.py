"""The command line: one file per group of commands, loaded only when it is asked for.

A command parses, calls one function of a room below, and prints the answer: a sentence for a person, or
with ``--json`` one JSON object on stdout. Errors are the classes of ``errors.py``; they become
``edubox: error: …`` on stderr, their own exit code and, with ``--json``, a JSON object too. No traceback
reaches a person unless ``EDUBOX_DEBUG`` is set.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import sys
from collections.abc import Sequence

import click

from edubox import __version__
from edubox.errors import BAD_INPUT, BUG, EduboxError, NoHubLibraries, NoRoom, UnusablePath

#: Command → module of this room that defines it, in the order of the help page: who keeps boxes, who makes lessons, who
#: runs a country.
COMMANDS = {
    "demo": "demo",
    "box": "box",
    "image": "image",
    "card": "card",
    "flash": "flash",
    "system": "system",
    "hotspot": "hotspot",
    "poster": "hotspot",
    "sync": "sync",
    "enrol": "enrol",
    "push": "push",
    "stick": "stick",
    "courier": "courier",
    "doctor": "doctor",
    "support": "doctor",
    "ask": "ask",
    "lamp": "lamp",
    "console": "console",
    "scrub": "scrub",
    "pack": "pack",
    "draft": "draft",
    "publish": "publish",
    "withdraw": "publish",
    "revert": "publish",
    "erase": "erase",
    "country": "country",
    "recall": "erase",
    "hub": "hub",
    "mirror": "mirror",
    "academy": "academy",
    "site": "site",
}


#: What only a hub needs; a box does without (pyproject.toml).
_OF_THE_HUB = {"sqlalchemy", "psycopg", "boto3", "botocore", "webauthn"}
#: What the system says of a place that was named wrongly or belongs to somebody else: no mistake of ours.
_NOT_OURS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP,
    errno.EIO,
}  # fmt: skip


class Commands(click.Group):
    """The root group; a command's module is imported when the command is used or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of *cmd_name* and return its command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"edubox.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="edubox")
@click.option(
    "--kept",
    is_flag=True,
    hidden=True,
    help="As the serving process runs it: lowest priority, ends when its input closes.",
)
@click.pass_context
def root(context: click.Context, kept: bool) -> None:
    """Signed lessons for a school, served by a small box, with or without the internet.

    Exit codes: 0 done, 1 failed (a bug), 2 usage or bad input, 3 not trusted, 4 source unreachable (progress
    is kept), 5 no room, 6 busy.
    """
    if kept:
        from edubox.sync.pacing import orders

        context.obj = orders.kept()


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    as_json = "--json" in arguments
    try:
        # Outside its own mode click returns the code of an Exit, such as the doctor's, and otherwise the command's None.
        return root.main(args=arguments, prog_name="edubox", standalone_mode=False) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)  # a group without a command is a question, not a mistake
        return BAD_INPUT
    except click.ClickException as error:
        return _fail("usage", _usage(error), BAD_INPUT, as_json)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", "Interrupted. What was done so far is kept.", 130, as_json)
    except EduboxError as error:
        return _fail(error.code, str(error), error.exit_code, as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if NoRoom.describes(error):
            room = NoRoom(path=error.filename or "this disk", reason=error.strerror or "it is full")
            return _fail(room.code, str(room), room.exit_code, as_json)
        if error.errno in _NOT_OURS and error.filename is not None and not os.environ.get("EDUBOX_DEBUG"):
            path = UnusablePath(path=os.fsdecode(error.filename), reason=error.strerror)
            return _fail(path.code, str(path), path.exit_code, as_json)
        return _bug(error, as_json)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in _OF_THE_HUB and not os.environ.get("EDUBOX_DEBUG"):
            missing = NoHubLibraries()
            return _fail(missing.code, str(missing), missing.exit_code, as_json)
        return _bug(error, as_json)
    except Exception as error:  # noqa: BLE001 - a person never sees a traceback
        return _bug(error, as_json)


def _usage(error: click.ClickException) -> str:
    """What was wrong with the command line, and where its options are listed."""
    context = getattr(error, "ctx", None)
    return error.format_message() + (f" See: {context.command_path} --help" if context else "")


def _bug(error: Exception, as_json: bool) -> int:
    if os.environ.get("EDUBOX_DEBUG"):
        raise error
    sentence = f"{EduboxError.message} ({type(error).__name__}: {error}; EDUBOX_DEBUG=1 tells more)"
    return _fail(EduboxError.code, sentence, BUG, as_json)


def _fail(code: str, message: str, exit_code: int, as_json: bool) -> int:
    click.echo(f"edubox: error: {message}", err=True)
    if as_json:
        answer = {"error": {"code": code, "message": message, "exit_code": exit_code}}
        click.echo(json.dumps(answer, ensure_ascii=False))
    return exit_code
