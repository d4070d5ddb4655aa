from pathlib import Path
from typing import Any

import pytest

from nodrop.preview import ProgramError, ProjectError, SecretValue, evaluate
from nodrop.preview.project import read_project, read_stack_config

READ = "pulumi.export('value', pulumi.Config().get('key'))\n"


def value(project: Path, stack: str = "dev", **config: str) -> object:
    return evaluate(project, stack, config=config).outputs.get("value")


def test_a_stack_needs_no_file(program):
    assert value(program(READ)) is None


def test_the_stack_s_file_lies_beside_the_project_or_in_its_stack_config_dir(program):
    assert value(program(READ, Pulumi__dev__yaml="config: {demo:key: beside}")) == "beside"
    project = program(READ, project="name: demo\nruntime: {name: python}\nstackConfigDir: stacks\n")
    (project / "stacks").mkdir()
    (project / "stacks" / "Pulumi.dev.yaml").write_text("config: {key: in the folder}")
    assert value(project) == "in the folder"


def test_each_stack_has_values_of_its_own(program):
    project = program(READ, Pulumi__dev__yaml="config: {key: a}", Pulumi__prod__yaml="config: {key: b}")
    assert [value(project, "dev"), value(project, "prod"), value(project, "none")] == ["a", "b", None]


def test_a_value_given_goes_before_the_file_and_the_file_before_the_project(program):
    project = program(
        READ, project="name: demo\nruntime: python\nconfig: {key: project}\n", Pulumi__dev__yaml="config: {key: file}"
    )
    assert value(project, "other") == "project"
    assert value(project) == "file"
    assert value(project, key="given") == "given"
    assert value(project, **{"demo:key": "given in full"}) == "given in full"


def test_a_key_of_another_namespace_is_read_from_there(program):
    project = program("pulumi.export('value', pulumi.Config('gcp').require('region'))\n")
    assert value(project, **{"gcp:region": "europe-west1"}) == "europe-west1"


@pytest.mark.parametrize(
    ("written", "getter", "expected"),
    [
        ("5", "require_int", 5),
        ("true", "require_bool", True),
        ("1.5", "require_float", 1.5),
        ("{a: [1, {b: x}]}", "require_object", {"a": [1, {"b": "x"}]}),
        ("2024-01-01", "require", "2024-01-01"),
        ("2024-02-30", "require", "2024-02-30"),
    ],
)
def test_values_keep_their_type(program, written, getter, expected):
    project = program(
        f"pulumi.export('value', pulumi.Config().{getter}('key'))\n", Pulumi__dev__yaml=f"config:\n  key: {written}\n"
    )
    assert value(project) == expected


def test_an_encrypted_value_is_a_placeholder_and_secret(program):
    project = program(
        """
        config = pulumi.Config()
        pulumi.export("password", config.require_secret("password"))
        pulumi.export("nested", config.require_secret_object("nested"))
        """,
        Pulumi__dev__yaml="""
            encryptionsalt: v1:salt
            config:
              demo:password: {secure: v1:cipher}
              demo:nested: {user: me, password: {secure: v1:cipher}}
        """,
    )
    assert evaluate(project, "dev").outputs == {
        "password": SecretValue("[secret]"),
        "nested": SecretValue({"user": "me", "password": "[secret]"}),
    }


def test_the_program_can_ask_which_keys_are_secret(program):
    project = program(
        "pulumi.export('value', [pulumi.runtime.is_config_secret('demo:' + key) for key in ('open', 'shut')])\n",
        Pulumi__dev__yaml="config: {open: a, shut: {secure: v1:cipher}}",
    )
    assert value(project) == [False, True]


def test_a_missing_value_is_the_program_s_own_error(program):
    with pytest.raises(ProgramError, match="Missing required configuration variable 'demo:zone'"):
        evaluate(program("pulumi.Config().require('zone')\n"), "dev")


def warnings(project: Path, **config: str) -> list[str]:
    return [each.message for each in evaluate(project, "dev", config=config).diagnostics if each.severity == "warning"]


def test_a_slip_in_an_optional_key_is_told_with_the_key_that_the_program_reads(program):
    project = program("pulumi.Config().get_int('replicas')\n", Pulumi__dev__yaml="config: {replica: 3}")
    told = "config demo:replica is set, but the program does not read it; did you mean demo:replicas?"
    assert warnings(project) == [told]


def test_a_key_that_nothing_resembles_is_told_without_a_guess(program):
    told = "config demo:colour is set, but the program does not read it"
    assert warnings(program("pulumi.Config().get('replicas')\n"), colour="red") == [told]


@pytest.mark.parametrize(
    "read",
    [
        "pulumi.Config().get('key')",
        "pulumi.Config('demo').get_secret('key')",
        "pulumi.Output.from_input(1).apply(lambda _: pulumi.Config().get('key'))",
        "pulumi.runtime.get_config('demo:key')",
        "dict(pulumi.runtime.config.CONFIG.get())",
        "{**pulumi.runtime.config.CONFIG.get()}",
        "list(pulumi.runtime.config.CONFIG.get().items())",
    ],
)
def test_a_key_that_is_read_in_whatever_way_is_not_told(program, read):
    assert warnings(program(f"{read}\n"), key="x") == []


def test_keys_that_providers_read_or_the_project_declares_are_not_told(program):
    project = program("", project="name: demo\nruntime: python\nconfig: {zone: a}\n")
    assert warnings(project, zone="b", **{"gcp:project": "mine"}) == []


def test_every_value_that_the_project_asks_for_in_vain_is_named_at_once(program):
    declared = """
        name: demo
        runtime: python
        config:
          zone: {type: string}
          count: {type: integer, default: 2}
          size: {type: integer}
          flag: {type: boolean}
          gcp:region: {value: europe-west1}
    """
    import textwrap

    project = program("", project=textwrap.dedent(declared), Pulumi__dev__yaml="config: {size: large, flag: true}")
    with pytest.raises(ProjectError) as error:
        evaluate(project, "dev")
    message = str(error.value)
    assert "demo:zone is not set" in message
    assert "--config zone=VALUE" in message
    assert "demo:size is 'large', but the project declares the type integer" in message
    assert "count" not in message
    assert "flag" not in message
    config = read_stack_config(read_project(project), "dev", {"zone": "a", "size": "3"})
    assert config.values == {
        "demo:zone": "a",
        "demo:size": "3",
        "demo:flag": "true",
        "demo:count": "2",
        "gcp:region": "europe-west1",
    }


def test_an_environment_has_no_effect_offline_and_a_warning_says_so(program):
    evaluation = evaluate(program("", Pulumi__dev__yaml="environment: [shared]\nconfig: {}\n"), "dev")
    assert [diagnostic.severity for diagnostic in evaluation.diagnostics] == ["warning"]
    assert "'environment'" in evaluation.diagnostics[0].message


@pytest.mark.parametrize(
    ("project", "message"),
    [
        ("runtime: python\n", "name is missing"),
        ("name: demo\nruntime: nodejs\n", "runtime is 'nodejs'"),
        ("name: demo\nruntime: python\nmain: nowhere\n", "no program at .*nowhere"),
        ("name: demo\nruntime: python\nconfig: [a]\n", "config is a list"),
        ("- a\n", "holds list"),
        ("name: [\n", r"/Pulumi.yaml:2: not YAML: [^\n]*$"),
        (
            "name: demo\nruntime: python\nconfig:\n  zone:\n    type: [string]\n",
            r"/Pulumi.yaml:5: the type of zone is not one word; wanted one of string, integer, boolean, array, object$",
        ),
    ],
)
def test_a_project_that_cannot_be_used_says_why(program, project, message):
    with pytest.raises(ProjectError, match=message):
        evaluate(program("", project=project), "dev")


def test_a_folder_without_a_project_says_so(tmp_path):
    with pytest.raises(ProjectError, match=rf"no Pulumi.yaml in {tmp_path}"):
        evaluate(tmp_path, "dev")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("config: [a]", "config is a list"),
        ("a: [", r"/Pulumi.dev.yaml:1: not YAML: [^\n]*$"),
        (
            "config:\n  8080: a\n",
            r"/Pulumi.dev.yaml:2: a key of config is 8080, which .*; wanted it in quotes: '8080'$",
        ),
        ("config:\n  on: a\n", r"/Pulumi.dev.yaml:2: a key of config is on, which .*; wanted it in quotes: 'on'$"),
        ("config:\n  ? [a]\n  : b\n", r"/Pulumi.dev.yaml:2: not YAML: found unhashable key$"),
        ("config:\n  a: !!int b\n", r"/Pulumi.dev.yaml:2: not YAML: 'b' is no int$"),
        ("config:\n  a: !!int ''\n", r"/Pulumi.dev.yaml:2: not YAML: '' is no int$"),
        ("config:\n  a: &a [*a]\n", r"/Pulumi.dev.yaml:2: not YAML: found unconstructable recursive node$"),
        ("[" * 5000, r"/Pulumi.dev.yaml: not YAML: nested too deeply$"),
        ('config: {a: "\\UFFFFFFFF"}', r"/Pulumi.dev.yaml:1: not YAML: an escape"),
    ],
)
def test_a_stack_file_that_cannot_be_used_says_why(program, file, message):
    with pytest.raises(ProjectError, match=message):
        evaluate(program("", Pulumi__dev__yaml=file), "dev")


def test_a_stack_file_that_may_not_be_read_is_one_message(program, monkeypatch):
    project = program("", Pulumi__dev__yaml="config: {}")
    opened = Path.open

    def refused(file: Path, mode: Any) -> object:
        if file.name == "Pulumi.dev.yaml":
            raise PermissionError(13, "Permission denied", str(file))
        return opened(file, mode)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ProjectError, match=r"/Pulumi.dev.yaml: cannot be read: Permission denied$"):
        evaluate(project, "dev")


def test_a_stack_name_cannot_leave_the_folder(program):
    with pytest.raises(ProjectError, match=r"'\.\./dev' is not a stack name"):
        evaluate(program(""), "../dev")
