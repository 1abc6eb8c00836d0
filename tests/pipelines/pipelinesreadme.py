"""pipelines/README.md against the folder that it lists."""

import os
import re

from harness import SOURCE, run_tests

FOLDER = os.path.join(SOURCE, "pipelines")
FILES = sorted(name[:-7] for name in os.listdir(FOLDER) if name.endswith(".launch"))


def rows():
    """The cells of each row, by the launch file that its line starts; the main job is a file too."""
    with open(os.path.join(FOLDER, "README.md"), encoding="utf-8") as readme:
        lines = re.findall(r"^\| (.+?) \| `pipelines/run ?(.*?)` \| (.+?) \| (.+?) \|$", readme.read(), re.M)
    return {(line.split() or ["camera-to-browser-with-boxes"])[0]: (says, line, peer, cpu)
            for says, line, peer, cpu in lines}


def text_of(name):
    with open(os.path.join(FOLDER, name + ".launch"), encoding="utf-8") as file:
        return file.read()


def every_file_has_a_row():
    assert sorted(rows()) == FILES, set(rows()) ^ set(FILES)


def each_row_says_what_the_file_says():
    for name, (says, _, _, _) in rows().items():
        assert text_of(name).startswith(f"# {says}\n"), f"{name}: {says}"


def each_line_has_the_settings_of_its_file():
    for name, (_, line, _, _) in rows().items():
        given = set(re.findall(r"\b([A-Z_]+)=", line))
        known = set(re.findall(r"\$\{([A-Z_]+)", text_of(name)))
        assert given <= known, f"{name} has no {given - known}"
        needed = set(re.findall(r"\$\{([A-Z_]+)\}", text_of(name))) - {"MODEL"}
        assert needed <= given, f"{name} needs {needed - given}"


def head_of(name):
    """What its first lines say of settings."""
    return "\n".join(line for line in text_of(name).splitlines()[1:] if line.startswith("#"))


def words(text):
    return set(re.findall(r"\b[A-Z][A-Z_]+\b", text))


def every_setting_is_named():
    """In the file's first lines, or in those of the file that these send to."""
    for name in FILES:
        used = set(re.findall(r"\$\{([A-Z_]+)", text_of(name))) - {"NOW"}  # which sets itself
        others = set(re.findall(r"as in\s+(?:#\s*)?([a-z][a-z-]+)", head_of(name)))
        named = words(head_of(name)).union(*(words(head_of(other)) for other in others))
        assert used <= named, f"{name} does not name {used - named}"
        for listed, other in re.findall(r"^# ([A-Z_, ]+) as in ([a-z-]+)$", text_of(name), re.M):
            assert words(listed) <= words(head_of(other)), f"{name} sends to {other} for {words(listed) - words(head_of(other))}"


def costs_are_numbers():
    for name, (_, _, _, cpu) in rows().items():
        assert cpu == "–" or 0 <= float(cpu) < 10, f"{name}: {cpu}"


if __name__ == "__main__":
    run_tests([every_file_has_a_row, each_row_says_what_the_file_says, each_line_has_the_settings_of_its_file,
               every_setting_is_named, costs_are_numbers])
