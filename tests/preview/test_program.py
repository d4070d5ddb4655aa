import gc
import importlib
import os
import sys
import threading
from pathlib import Path

import pulumi
import pytest

from gke_nodrop import Scope, WebService
from nodrop.preview import ProgramError, evaluate
from nodrop.preview.program import describe_failure
from tests.gke_nodrop.refusals import outcome


def names(project: Path) -> list[str]:
    return [resource.name for resource in evaluate(project, "dev").resources[1:]]


HELPER = """
    import pulumi_kubernetes as k8s

    k8s.core.v1.ConfigMap("from-helper")
"""


def test_a_second_evaluation_runs_the_program_s_modules_again(program):
    project = program("import helper\n", helper__py=HELPER)
    assert names(project) == names(project) == ["from-helper"]


def test_a_changed_module_is_read_again(program):
    project = program("import helper\n", helper__py=HELPER)
    names(project)
    (project / "helper.py").write_text("import pulumi_kubernetes as k8s\nk8s.core.v1.ConfigMap('other-name')\n")
    assert names(project) == ["other-name"]


def test_two_projects_may_have_modules_of_the_same_name(program):
    first = program("import helper\n", folder="first", helper__py=HELPER)
    second = program("import helper\n", folder="second", helper__py=HELPER.replace("from-helper", "second"))
    assert names(first) == ["from-helper"]
    assert names(second) == ["second"]
    assert names(first) == ["from-helper"]


def test_a_package_without_an_init_file_does_not_hide_the_next_project_s_package(program):
    first = program("import parts.helper\n", folder="first")
    second = program("import parts\n", folder="second")
    for file in (first / "parts" / "helper.py", second / "parts" / "__init__.py"):
        file.parent.mkdir()
        file.write_text(f"import pulumi_kubernetes as k8s\nk8s.core.v1.ConfigMap({file.stem!r})\n")
    assert names(first) == ["helper"]
    assert names(second) == ["__init__"]


def test_a_failure_leaves_nothing_behind_for_the_next_evaluation(program):
    project = program("import helper\nif pulumi.Config().get_bool('fail'): raise Exception('now')\n", helper__py=HELPER)
    with pytest.raises(ProgramError, match="now"):
        evaluate(project, "dev", config={"fail": "true"})
    assert names(project) == ["from-helper"]


@pytest.mark.parametrize("main", ["import helper\n", "import helper\nraise Exception('now')\n"])
def test_the_process_is_as_it_was_before(program, main):
    project = program(main, helper__py=HELPER)
    names(program("", folder="warm-up"))
    before = (Path.cwd(), sys.path[:], sys.argv[:], sys.stdout, threading.active_count(), gc.isenabled())
    modules = set(sys.modules)
    try:
        names(project)
    except ProgramError:
        assert "raise" in main
    assert (Path.cwd(), sys.path, sys.argv, sys.stdout, threading.active_count(), gc.isenabled()) == before
    assert set(sys.modules) == modules


def test_a_module_that_the_caller_had_imported_from_the_project_stays_the_caller_s(program, monkeypatch):
    project = program("import helper\n", helper__py="import pulumi\npulumi.export('seen', 'x')\n")
    monkeypatch.syspath_prepend(str(project))
    mine = type(sys)("helper")
    mine.__file__ = str(project / "helper.py")
    monkeypatch.setitem(sys.modules, "helper", mine)
    assert evaluate(project, "dev").outputs == {"seen": "x"}
    assert sys.modules["helper"] is mine


def test_a_package_of_the_caller_s_that_has_a_folder_in_the_project_too_stays_the_caller_s(
    program, tmp_path, monkeypatch
):
    project = program("import pulumi_kubernetes as k8s\nk8s.core.v1.ConfigMap('one')\n", folder="project")
    for folder in (tmp_path / "elsewhere" / "shared_parts", project / "shared_parts"):
        folder.mkdir(parents=True)
    (tmp_path / "elsewhere" / "shared_parts" / "own.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    own = importlib.import_module("shared_parts.own")
    assert names(project) == ["one"]
    assert sys.modules["shared_parts.own"] is own
    assert "shared_parts" in sys.modules
    assert names(project) == ["one"]
    del sys.modules["shared_parts.own"], sys.modules["shared_parts"]


def test_the_program_runs_in_its_own_folder(program):
    project = program("import os\npulumi.export('cwd', os.getcwd())\n")
    assert evaluate(project, "dev").outputs == {"cwd": str(project.resolve())}


def test_main_may_name_a_folder_or_a_file(program):
    main = "import pulumi, os\nfrom beside import NAME\npulumi.export('at', [NAME, os.path.basename(os.getcwd())])\n"
    for entry in ("app", "app/__main__.py"):
        project = program("", project=f"name: demo\nruntime: python\nmain: {entry}\n")
        (project / "app").mkdir(exist_ok=True)
        (project / "app" / "__main__.py").write_text(main)
        (project / "app" / "beside.py").write_text("NAME = 'beside'\n")
        assert evaluate(project, "dev").outputs == {"at": ["beside", "app"]}
        assert "beside" not in sys.modules


def test_what_the_program_prints_goes_to_stderr(program, capfd):
    evaluate(program("print('printed')\n"), "dev")
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == "printed\n"


def test_a_run_error_is_its_message_alone(program):
    with pytest.raises(ProgramError) as failure:
        evaluate(program("raise pulumi.RunError('three inputs are wrong')\n"), "dev")
    assert str(failure.value) == "three inputs are wrong"


def test_a_run_error_in_an_output_is_its_message_alone(program):
    project = program("""
        from gke_nodrop import WebService
        WebService("web", image=pulumi.Output.from_input("two words"), health_check={"path": "/"},
            rollout={"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620})
    """)
    with pytest.raises(ProgramError) as failure:
        evaluate(project, "dev")
    message = str(failure.value)
    assert message.startswith('WebService "web": an input is not right\n  image = "two words": must be an image')
    assert message.count("\n") == 1


def test_of_an_error_that_the_program_raises_from_a_run_error_the_traceback_is_told(program):
    project = program("""
        try:
            raise pulumi.RunError("wrong")
        except pulumi.RunError as error:
            raise KeyError("of the program") from error
    """)
    with pytest.raises(ProgramError, match=r"(?s)^Traceback.*wrong.*KeyError: 'of the program'$"):
        evaluate(project, "dev")


def raised_by_the_sdk(error, cause):
    run = {"error": error, "cause": cause}
    with pytest.raises(ValueError, match="wrong") as failure:
        exec(compile("raise error from cause", pulumi.__file__, "exec"), run)
    failure.value.__traceback__ = failure.tb.tb_next  # without the frame of this test
    return failure.value


def test_an_error_that_the_sdk_raises_from_itself_is_described_as_well():
    error = ValueError("wrong")
    assert describe_failure(raised_by_the_sdk(error, error)) == "ValueError: wrong"
    first, second = ValueError("wrong one"), ValueError("wrong two")
    first.__cause__ = second
    assert "ValueError: wrong two" in describe_failure(raised_by_the_sdk(second, first))


@pytest.mark.parametrize(
    "main",
    [
        "import helper\nhelper.fail()\n",
        "import helper\npulumi.Output.from_input(1).apply(helper.fail)\n",
        "import helper\nk8s.core.v1.ConfigMap('a', data=pulumi.Output.from_input(1).apply(helper.fail))\n",
    ],
)
def test_any_other_exception_is_a_traceback_of_the_program_s_frames(program, main):
    project = program(main, helper__py="def fail(*_):\n    return 1 / 0\n")
    with pytest.raises(ProgramError) as failure:
        evaluate(project, "dev")
    message = str(failure.value)
    assert message.startswith("Traceback (most recent call last):")
    assert message.endswith("ZeroDivisionError: division by zero")
    assert "helper.py" in message
    files = [line for line in message.splitlines() if line.strip().startswith("File ")]
    assert all(str(project) in line for line in files)


def test_a_failure_with_much_under_way_says_nothing_but_its_own_error(program, capfd, caplog):
    project = program("""
        for i in range(20):
            k8s.core.v1.ConfigMap(f"map{i}", data=pulumi.Output.from_input(i).apply(lambda i: {"a": 1 / (i - 10)}))
        raise pulumi.RunError("on purpose")
    """)
    gc.freeze()  # what other tests left behind says nothing meanwhile
    try:
        with pytest.raises(ProgramError):
            evaluate(project, "dev")
        gc.collect()
    finally:
        gc.unfreeze()
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_an_error_that_the_program_logs_fails_it(program):
    with pytest.raises(ProgramError, match=r"^all is lost$"):
        evaluate(program("pulumi.log.error('all is lost')\n"), "dev")


def test_an_exit_code_other_than_zero_fails_the_program(program):
    with pytest.raises(ProgramError, match="exited with 3"):
        evaluate(program("raise SystemExit(3)\n"), "dev")
    assert names(program("k8s.core.v1.ConfigMap('a')\nraise SystemExit(0)\n")) == ["a"]


def test_ctrl_c_goes_through_and_leaves_the_process_as_it_was(program):
    before = (Path.cwd(), sys.path[:])
    with pytest.raises(KeyboardInterrupt):
        evaluate(program("raise KeyboardInterrupt\n"), "dev")
    assert (Path.cwd(), sys.path) == before
    assert names(program("k8s.core.v1.ConfigMap('a')\n")) == ["a"]


def test_no_setting_of_the_sdk_outlives_an_evaluation(program):
    import pulumi

    evaluate(program("pulumi.export('x', pulumi.Config().require('key'))\n"), "dev", config={"key": "v"})
    assert pulumi.Config("demo").get("key") is None
    assert pulumi.get_stack() != "dev"
    assert pulumi.runtime.settings.get_monitor() is None
    assert os.environ.get("PULUMI_CONFIG") is None


def test_components_that_are_imported_stay_the_same_while_their_checkout_is_evaluated():
    evaluate(Path(__file__).parents[2], "container-native")
    inputs = outcome(WebService, {"image": "example/web:1", "ingress": {"scope": "external"}})
    assert inputs["ingress"]["scope"] is Scope.EXTERNAL
