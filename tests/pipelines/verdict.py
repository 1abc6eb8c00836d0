"""What tests/run says at its end: faults stay faults, and chance gets one more look."""

import os
import subprocess
import sys
import tempfile

from harness import SOURCE, run_tests

SECOND_TIME = "test -e {flag} || {{ touch {flag}; exit 1; }}"  # fails once


def verdict(*tests):
    """Exit status and output for a project with these tests (suite, shell command) and four that pass."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ["project('video-stream', meson_version: '>= 1.0')", "sh = find_program('sh')"]
        for number, (suite, command) in enumerate([("unit", "true")] * 4 + list(tests)):
            command = command.format(flag=os.path.join(folder, f"flag{number}"))
            lines.append(f"test('test{number}', sh, args: ['-c', '{command}'], suite: '{suite}')")
        with open(os.path.join(folder, "meson.build"), "w", encoding="utf-8") as project:
            project.write("\n".join(lines) + "\n")
        build = os.path.join(folder, "build")
        subprocess.run(["meson", "setup", build, folder], check=True, capture_output=True)
        tested = subprocess.run(["meson", "test", "-C", build], capture_output=True, check=False)
        done = subprocess.run([sys.executable, os.path.join(SOURCE, "tests", "verdict.py"), build, str(tested.returncode)],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


def expect(status, last_line, *tests, named=()):
    got, output = verdict(*tests)
    assert got == status and output.splitlines()[-1] == last_line, f"{got}: {output}"
    assert [line.split(";")[0] for line in output.splitlines() if line.startswith("PASSED ONLY ALONE")] == \
        [f"PASSED ONLY ALONE: {name}" for name in named], output


def all_pass():
    expect(0, "4 passed, 0 failed, 1 skipped", ("browser", "exit 77"))


def a_fault_stays_a_fault():
    expect(1, "4 passed, 1 failed, 0 skipped", ("browser", "exit 1"))


def chance_is_named():
    expect(0, "5 passed, 0 failed, 0 skipped", ("pipelines", SECOND_TIME), named=["pipelines / test4"])


def chance_does_not_cover_a_fault():
    expect(1, "5 passed, 1 failed, 0 skipped", ("pipelines", SECOND_TIME), ("elements", "exit 1"),
           named=["pipelines / test4"])


def who_waits_for_nobody_has_one_look():
    expect(1, "4 passed, 1 failed, 0 skipped", ("unit", SECOND_TIME))


def failures_in_numbers_are_no_chance():
    expect(1, "4 passed, 4 failed, 0 skipped", *[("browser", SECOND_TIME)] * 4)


if __name__ == "__main__":
    run_tests([all_pass, a_fault_stays_a_fault, chance_is_named, chance_does_not_cover_a_fault,
               who_waits_for_nobody_has_one_look, failures_in_numbers_are_no_chance])
