#!/usr/bin/env python3
"""Which error messages of src/ no test ever provokes, and what the others look like to people.

    messages.py LOG             the formats of kam__fail() in src/ that stand in no line of LOG (see spy.c), and those of
                                the functions below whose words stand in no message of it
    messages.py LOG --show      besides each provoked format with one message it made, by file
    messages.py LOG --update    puts what is missing into unprovoked.txt ("no test yet") and takes out what is provoked

Exit 1 if a format is neither provoked nor listed in unprovoked.txt (which says why). What is listed though it is provoked
is told: take it out.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.path.join(HERE, "..", "..", "src")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Functions that hand their words on to kam__fail: told by the words, not by the format.
HANDED_ON = re.compile(r"\b(kam__json_fail|json_bad|vcard_bad|guard_fail|kam__rwords_fail|kam__cel_bad|kam__cel_fail_at|"
                       r"cel_lex_bad|rp_bad)\(")
SPECIFIER = re.compile(r"%(?:%|[-0-9.*]*(?:ll|z)?[a-z])")
ESCAPES = {"n": " ", "t": " ", '"': '"', "\\": "\\", "'": "'"}


def call_arguments(text, at):
    """The arguments of the call whose "(" is at text[at]."""
    depth, start, quoted, found, i = 0, at + 1, False, [], at
    while True:
        c = text[i]
        if quoted:
            i += c == "\\"
            quoted = c != '"'
        elif c == '"':
            quoted = True
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if not depth:
                return found + [text[start:i]]
        elif c == "," and depth == 1:
            found.append(text[start:i])
            start = i + 1
        i += 1


def formats(argument):
    """The texts an argument may be: literals side by side are one, a ? b : c are two; none if it is no literal."""
    for part in re.split(r"[?:](?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", argument):
        pieces = LITERAL.findall(part)
        if pieces and not LITERAL.sub("", part).strip(" \n()"):
            yield re.sub(r"\\(.)", lambda m: ESCAPES.get(m.group(1), m.group(1)), "".join(pieces))


def written():
    """format -> the first place it stands at."""
    found = {}
    for folder, _, files in sorted(os.walk(SRC)):
        for name in sorted(files):
            if not name.endswith(".c") or name in ("kam_all.c",) or "adapters" in folder:
                continue
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for call in re.finditer(r"\bkam__fail\(", text):
                arguments = call_arguments(text, call.end() - 1)
                place = f"{os.path.relpath(path, SRC)}:{text.count(chr(10), 0, call.start()) + 1}"
                if len(arguments) > 2 and arguments[1].strip() != "int32_t code":
                    for made in formats(arguments[2]):
                        found.setdefault(made, place)
    return found


def handed_on():
    """format -> the first place, of the functions whose messages are known by their words. (What a store says to its own
    tests through kam_store_err is not seen: file.c, memory.c.)"""
    found = {}
    for folder, _, files in sorted(os.walk(SRC)):
        for name in sorted(files):
            if not name.endswith(".c") or name in ("kam_all.c",) or "adapters" in folder:
                continue
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for call in HANDED_ON.finditer(text):
                if text[:call.start()].rstrip().endswith(("int32_t", "define")):
                    continue                                    # its definition
                place = f"{os.path.relpath(path, SRC)}:{text.count(chr(10), 0, call.start()) + 1}"
                arguments = call_arguments(text, call.end() - 1)
                made = next((m for m in (list(formats(a)) for a in arguments) if m), [])
                for one in made:
                    if re.search("[a-z]{3}", SPECIFIER.sub("", one)):
                        found.setdefault(one, place)
    return found


def with_words(formats_of, texts):
    """format -> one of the texts that has its words, in order."""
    found = {}
    for made in formats_of:
        pieces = [p for p in SPECIFIER.split(made) if p]
        longest = max(pieces, key=len)
        whole = re.compile(".*".join(re.escape(p) for p in pieces))
        found.update({made: t for t in texts if longest in t and whole.search(t)})
    return found


def main(log, show=False, update=False):
    seen, seen_texts = {}, []
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            parts = line.rstrip("\n").split("\t", 2)
            if len(parts) == 3:
                seen.setdefault(parts[1], parts[2])
                seen_texts.append(parts[2])
    with open(os.path.join(HERE, "unprovoked.txt"), encoding="utf-8") as file:
        excused = {line.split("  # ")[0].rstrip() for line in file if line.strip() and not line.startswith("#")}
    all_of_them, others = written(), handed_on()
    texts = set(seen_texts)
    for made, text in with_words([m for m in others if m not in all_of_them], texts).items():
        seen.setdefault(made, text)
    for made, place in others.items():
        all_of_them.setdefault(made, place)
    never = {made: place for made, place in all_of_them.items() if made not in seen}
    if show:
        for made, place in sorted(all_of_them.items(), key=lambda item: item[1]):
            if made in seen:
                print(f"{place}: {seen[made]}")
    if update:
        with open(os.path.join(HERE, "unprovoked.txt"), encoding="utf-8") as file:
            kept = [line for line in file if line.startswith("#") or line.split("  # ")[0].rstrip() in never]
        with open(os.path.join(HERE, "unprovoked.txt"), "w", encoding="utf-8") as file:
            file.writelines(kept + [f"{made}  # no test yet\n" for made in sorted(set(never) - excused)])
        return 0
    wrong = [f"{place}: never provoked: {made}" for made, place in sorted(never.items(), key=lambda item: item[1])
             if made not in excused]
    for line in wrong + [f"unprovoked.txt: provoked now, or gone: {made}" for made in sorted(excused - set(never))]:
        print(line)
    print(f"{len(all_of_them)} messages in src/, {len(all_of_them) - len(never)} provoked by tests, "
          f"{len(never) - len(wrong)} excused, {len(wrong)} not")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--show" in sys.argv, "--update" in sys.argv))
