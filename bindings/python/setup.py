"""What pyproject.toml cannot say: the declarations lie one folder above, with the bindings for other languages."""
import os
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildPy(build_py):
    """Puts kam_ffi.h into the package."""

    def run(self):
        super().run()
        here = os.path.dirname(os.path.abspath(__file__))
        folder = os.path.join(self.build_lib, "kam")
        self.mkpath(folder)
        shutil.copy(os.path.join(os.path.dirname(here), "kam_ffi.h"), folder)


setup(cmdclass={"build_py": BuildPy})
