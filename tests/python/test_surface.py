"""What programs see of the package kam: each public name with its arguments stays as surface.txt lists it.

    KAM_LIBRARY=build/libkam.so python3 tests/python/test_surface.py --write        # after something was added
"""
import inspect
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, "surface.txt")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "bindings", "python"))

import kam  # noqa: E402
import kam.rule  # noqa: E402
import kam.strategy  # noqa: E402


def called(path, function):
    """A function as it is called: its path, its arguments and their defaults, no annotations."""
    signature = inspect.signature(function)
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values() if p.name[0] != "_"]
    return path + str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def bases(cls):
    """The classes by which programs know a class too: those of the package that are public, and Python's."""
    return [base.__name__ for base in cls.__mro__[1:-1]
            if base.__module__ == "builtins" or base.__name__ in kam.__all__]


def members(path, cls):
    """Lines for the public members of a class that are written in the package, inherited ones too."""
    for name in sorted(dir(cls)):
        found = inspect.getattr_static(cls, name)
        if isinstance(found, (classmethod, staticmethod)):
            found = found.__func__
        if name == "__init__" and inspect.isfunction(found) or not name.startswith("_") and inspect.isfunction(found):
            yield called(f"{path}.{name}", found), name == "__init__" or found.__doc__
        elif not name.startswith("_") and isinstance(found, property):
            yield f"{path}.{name}", found.__doc__


def surface():
    """All lines, each with what documents it."""
    for module in (kam, kam.rule, kam.strategy):
        for name in sorted(module.__all__):
            found, path = getattr(module, name), f"{module.__name__}.{name}"
            if inspect.isclass(found):
                yield f"{path}: {', '.join(bases(found))}", found.__doc__
                yield from members(path, found)
            else:
                yield (called(path, found), found.__doc__) if inspect.isfunction(found) else (path, True)


class Surface(unittest.TestCase):
    def test_nothing_is_lost(self):
        with open(LIST, encoding="ascii") as file:
            listed = set(file.read().splitlines())
        lost = sorted(listed - {line for line, _ in surface()})
        self.assertEqual(lost, [], "gone from the package, or called otherwise; test_surface.py --write lists it anew")

    def test_everything_is_documented(self):
        self.assertEqual([line for line, document in surface() if not document], [])


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        with open(LIST, "w", encoding="ascii") as file:
            file.writelines(line + "\n" for line, _ in surface())
    else:
        unittest.main()
