"""The comparison with public corpora: what is read of them, and what is put around a row. Nothing of theirs is here."""

from importlib import import_module

import pytest

from nodrop.paths import resolve


@pytest.fixture(autouse=True)
def _on_path(monkeypatch, request):
    monkeypatch.syspath_prepend(str(request.config.rootpath / "benchmarks"))


def written(folder, name, text):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec: {template: {spec: {containers: [{name: web, image: example/web:1}]}}}
"""

GO = """package x

func TestThings(t *testing.T) {
	for _, tc := range []struct {
		desc string
	}{
		{
			desc: "right",
			svc: &v1.Service{
				ObjectMeta: metav1.ObjectMeta{
					Annotations: map[string]string{
						NEGAnnotationKey: `{"ingress":true}`,
					},
				},
			},
			init: func(c Client) {
				c.Create(&v1.Secret{Name: "x"})
			},
			expectError: nil,
		}, {
			desc: "wrong", // a comment
			rates: []float64{0.5, 1},
			expectError: ErrInvalid,
		},
	} {
		t.Log(tc.desc)
	}
}

func TestOthers(t *testing.T) {
}
"""


def test_a_table_of_go_becomes_dicts():
    rows_of_table = import_module("corpora_go").rows_of_table

    (right, _), (wrong, _) = rows_of_table(GO, "TestThings")
    assert right["desc"] == "right"
    assert right["svc"]["ObjectMeta"]["Annotations"] == {"NEGAnnotationKey": '{"ingress":true}'}
    assert (right["init"], right["expectError"]) == (None, "nil")
    assert wrong == {"desc": "wrong", "rates": ["0.5", "1"], "expectError": "ErrInvalid"}


def test_a_test_without_a_table_has_no_rows():
    rows_of_table = import_module("corpora_go").rows_of_table

    assert list(rows_of_table(GO, "TestOthers")) == []


def test_polaris_says_in_a_files_name_what_it_expects(tmp_path):
    rows_of = import_module("corpora_rows").rows_of

    for name in ("success.yaml", "failure.two.yaml", "notes.yaml"):
        written(tmp_path, f"someCheck/{name}", DEPLOYMENT)
    assert {(row.name, row.check, row.finds) for row in rows_of(tmp_path)} == {
        ("polaris/someCheck/success.yaml", "polaris/somecheck", False),
        ("polaris/someCheck/failure.two.yaml", "polaris/somecheck", True),
    }


def test_kube_score_says_in_its_tests_what_it_expects(tmp_path):
    rows_of = import_module("corpora_rows").rows_of

    data = tmp_path / "score" / "testdata"
    written(data, "a.yaml", DEPLOYMENT)
    written(
        data.parent,
        "some_test.go",
        'testExpectedScore(t, "a.yaml", "Pod Probes", scorecard.GradeCritical)\n'
        'testExpectedScore(t, "absent.yaml", "Pod Probes", scorecard.GradeAllOK)\n',
    )
    assert [(row.name, row.check, row.finds) for row in rows_of(data)] == [
        ("kube-score/a.yaml", "kube-score/pod-probes", True)
    ]


def test_kube_linter_counts_findings_and_names_say_which_pass(tmp_path):
    rows_of = import_module("corpora_rows").rows_of

    checks = tmp_path / "tests" / "checks"
    text = f"{DEPLOYMENT.replace('NAME', 'dont-fire')}---{DEPLOYMENT.replace('NAME', 'fire')}"
    written(checks, "some-check.yml", text)
    test = '@test "some-check" {\n  tmp="tests/checks/some-check.yml"\n  run --include some-check\n'
    test += '  [[ "${count}" == "1" ]]\n}'
    written(tmp_path, "e2etests/bats-tests.sh", test)
    assert [(row.name, row.finds) for row in rows_of(checks)] == [
        ("kube-linter/some-check.yml#1", False),
        ("kube-linter/some-check.yml#2", True),
    ]


def test_a_folder_of_another_layout_is_refused(tmp_path):
    rows_of = import_module("corpora_rows").rows_of

    with pytest.raises(SystemExit, match="neither"):
        list(rows_of(tmp_path))


def test_a_row_gets_a_load_balancer():
    served = import_module("corpora_served").served

    pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "web"}]}}
    assert len(resolve(served([pod])).paths) == 1


def test_what_a_row_asks_about_is_not_added():
    served = import_module("corpora_served").served

    service = {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}]}}
    assert [each["kind"] for each in served([service], ["ingress", "service"])] == ["Service"]


def test_a_row_that_both_find_agrees():
    found = import_module("corpora").found
    objects = [{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "w"}]}}]
    told, judged = found(
        import_module("corpora_rows").Row("x/a", "x/probe", True, objects), {"rules": ["readiness-is-probed"]}
    )
    assert (told, judged) == (["readiness-is-probed"], True)
