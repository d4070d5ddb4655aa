import subprocess
import sys


def test_the_timing_model_needs_nothing_but_the_standard_library():
    program = (
        "import sys; before = set(sys.modules); import nodrop.rollout; import nodrop.gke.applications;"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) - {"nodrop"} <= sys.stdlib_module_names
