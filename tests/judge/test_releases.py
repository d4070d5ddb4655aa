"""Objects that their deployer deletes and creates again at a release, or writes anew, by their annotations."""

import pytest

from nodrop.judge import Verdict, judge
from nodrop.judge.path_judge import Surroundings
from tests.judge.edits import clean

RULE = "release-updates-in-place"
HOOK, POLICY = "helm.sh/hook", "helm.sh/hook-delete-policy"
ARGO_HOOK, ARGO_POLICY = "argocd.argoproj.io/hook", "argocd.argoproj.io/hook-delete-policy"
OPTIONS = "argocd.argoproj.io/sync-options"
KAPP = "kapp.k14s.io/update-strategy"
UPGRADE = {HOOK: "pre-upgrade"}


def annotated(kind, base="ingress", **annotations):
    objects = clean(base)
    named = next(each for each in objects if each["kind"] == kind)
    named["metadata"].setdefault("annotations", {}).update(annotations)
    return objects


def path_of(objects, **stated):
    [path] = judge(objects, **stated).paths
    return path


@pytest.mark.parametrize(
    "annotations",
    [
        UPGRADE,
        {HOOK: " Post-Install, post-upgrade"},
        {HOOK: "post-rollback"},
        {HOOK: "post-upgrade", POLICY: "hook-succeeded"},
        {HOOK: "post-install", POLICY: "hook-succeeded"},
        {HOOK: "post-upgrade", POLICY: "hook-failed,before-hook-creation"},
        {ARGO_HOOK: "Sync"},
        {ARGO_HOOK: "PreSync,PostSync", ARGO_POLICY: "HookSucceeded"},
        {OPTIONS: "Force=true,Replace=true"},
        {OPTIONS: "Prune=false, Replace=true, Force=true"},
        {KAPP: "always-replace"},
    ],
)
@pytest.mark.parametrize("kind", ["Deployment", "Service", "Ingress"])
def test_an_object_that_is_deleted_at_a_release_drops_requests(kind, annotations):
    path = path_of(annotated(kind, **annotations))
    assert path.verdict is Verdict.DROPS
    [found] = path.diagnostics
    key = next(each for each in annotations if each not in (POLICY, ARGO_POLICY))
    assert (found.rule, found.field, found.object.kind) == (RULE, f"metadata.annotations[{key}]", kind)


@pytest.mark.parametrize(("kind", "base"), [("HTTPRoute", "gateway"), ("Gateway", "gateway"), ("Namespace", "ingress")])
def test_whatever_leads_to_the_pods_or_holds_them_is_asked(kind, base):
    assert {(each.rule, each.object.kind) for each in path_of(annotated(kind, base, **UPGRADE)).diagnostics} == {
        (RULE, kind)
    }


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        ("BackendConfig", "ingress"),
        ("GCPBackendPolicy", "gateway"),
        ("HealthCheckPolicy", "gateway"),
        ("NetworkPolicy", "ingress"),
    ],
)
def test_what_governs_the_path_is_not_judged_if_it_is_away_for_a_while(kind, base):
    path = path_of(annotated(kind, base, **UPGRADE))
    assert path.verdict is Verdict.NOT_JUDGED
    assert [f"{kind} shop/" in each and HOOK in each for each in path.not_judged] == [True]


@pytest.mark.parametrize(
    "annotations",
    [
        {HOOK: "pre-upgrade", POLICY: "hook-failed"},
        {HOOK: "pre-install"},
        {ARGO_HOOK: "Sync", ARGO_POLICY: "HookFailed"},
    ],
)
def test_a_hook_of_which_the_annotations_do_not_tell_what_a_release_does_is_not_judged(annotations):
    path = path_of(annotated("Deployment", **annotations))
    assert (path.verdict, len(path.not_judged)) == (Verdict.NOT_JUDGED, 1)


@pytest.mark.parametrize(
    ("kind", "annotations"),
    [
        ("Deployment", {HOOK: "test"}),
        ("Deployment", {HOOK: "pre-delete,post-delete"}),
        ("Deployment", {ARGO_HOOK: "Skip"}),
        ("Deployment", {OPTIONS: "Force=true"}),
        ("Deployment", {OPTIONS: "Replace=false,Force=true"}),
        ("Deployment", {KAPP: "fallback-on-replace"}),
        ("Service", {OPTIONS: "Replace=true"}),
        ("Namespace", {OPTIONS: "Replace=true,Force=true"}),
    ],
)
def test_what_deletes_nothing_at_a_release_stays_clean(kind, annotations):
    assert path_of(annotated(kind, **annotations)).verdict is Verdict.CLEAN


def replaced_as_written(*, replicas=None, most=9):
    objects = annotated("Deployment", **{OPTIONS: "Replace=true"})
    spec = next(each for each in objects if each["kind"] == "Deployment")["spec"]
    if replicas is not None:
        spec["replicas"] = replicas
    autoscaler = next(each for each in objects if each["kind"] == "HorizontalPodAutoscaler")
    autoscaler["spec"] |= {"maxReplicas": most} if most else {}
    return objects if most else [each for each in objects if each is not autoscaler]


def test_a_deployment_that_is_replaced_as_written_loses_the_pods_of_its_autoscaler():
    path = path_of(replaced_as_written())
    [found] = path.diagnostics
    assert (path.verdict, found.rule, found.severity) == (Verdict.DROPS, RULE, "error")
    assert "takes the place of up to 9 pods" in found.why


@pytest.mark.parametrize("objects", [replaced_as_written(replicas=3, most=None), replaced_as_written(replicas=3)])
def test_one_that_states_its_replicas_keeps_them(objects):
    assert RULE not in {each.rule for each in path_of(objects).diagnostics}


def test_pulumi_reads_no_annotation_of_another_deployer():
    objects = annotated("Deployment", **UPGRADE)
    assert path_of(objects, surroundings=Surroundings(by_pulumi=True)).verdict is Verdict.CLEAN


def test_it_can_be_waived():
    objects = annotated("Deployment", **UPGRADE)
    path = path_of(objects, waivers=lambda _: {RULE: "released at night"})
    assert path.verdict is Verdict.CLEAN
