import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodrop.lab.results import to_json
from nodrop.report.files import write_json
from nodrop.report.limits import LIMITS


def test_the_file_carries_version_and_limits_beside_the_results(tmp_path, comparison):
    path = tmp_path / "new" / "results.json"
    write_json(comparison(), path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["generator"]["name"] == "gke-nodrop"
    assert document["generator"]["version"].count(".") == 2
    assert (document["format"], document["version"]) == ("nodrop-rehearsal", 2)
    assert document["limits"] == [{"topic": limit.topic, "text": limit.text} for limit in LIMITS]
    assert len(document["results"]) == 18


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_any_result_is_in_the_file_with_all_its_figures_and_names(tmp_path_factory, any_result, data):
    results = data.draw(st.lists(any_result, max_size=3))
    path = tmp_path_factory.getbasetemp() / "results.json"
    write_json(results, path)
    written = json.loads(path.read_text(encoding="utf-8"))["results"]
    assert [result["subject"]["variant"] for result in written] == [result.subject.variant for result in results]
    assert written == [json.loads(json.dumps(to_json(result))) for result in results]
