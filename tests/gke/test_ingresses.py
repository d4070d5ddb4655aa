"""Annotations and paths of an Ingress are read as GKE's controller reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.gke.decoding import DecodingError, parse_bool
from nodrop.gke.ingresses import read_allow_http, read_names, static_address, write_allow_http, write_names
from nodrop.gke.paths import EVERY_PATH, PATH_TYPES, url_map_paths


@given(st.booleans())
def test_allow_http_is_read_as_it_was_written(allowed):
    assert read_allow_http(write_allow_http(allowed)) is allowed


@given(st.lists(st.from_regex(r"[a-z]([-a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)))
def test_names_are_read_as_they_were_written(names):
    assert read_names(write_names(names)) == names


@pytest.mark.parametrize("text", ["false", "False", "FALSE", "f", "F", "0"])
def test_every_spelling_of_false_that_go_takes_shuts_http(text):
    assert not read_allow_http(text)


@pytest.mark.parametrize("text", ["true", "T", "1", "", "no", "fALSE", " false"])
def test_anything_else_serves_http(text):
    assert read_allow_http(text)


def test_a_text_that_is_no_truth_value_is_none():
    assert parse_bool("no") is None


def test_an_ingress_has_a_global_or_a_regional_address():
    assert (static_address("a", ""), static_address("", "b"), static_address("", "")) == ("a", "b", "")
    with pytest.raises(DecodingError, match="StaticIPName"):
        static_address("a", "b")


@pytest.mark.parametrize(
    ("path", "path_type", "paths"),
    [
        ("", None, (EVERY_PATH,)),
        ("", "ImplementationSpecific", (EVERY_PATH,)),
        ("/*", "ImplementationSpecific", ("/*",)),
        ("/a/*", None, ("/a/*",)),
        ("/a", None, ("/a",)),
        ("/a", "Exact", ("/a",)),
        ("/", "Prefix", (EVERY_PATH,)),
        ("/a", "Prefix", ("/a", "/a/*")),
        ("/a/", "Prefix", ("/a", "/a/*")),
    ],
)
def test_a_path_becomes_paths_of_the_url_map(path, path_type, paths):
    assert url_map_paths(path, path_type) == paths


@pytest.mark.parametrize(
    ("path", "path_type"),
    [("/*", "Prefix"), ("/a*", "Prefix"), ("", "Prefix"), ("", "Exact"), ("/a/*", "Exact"), ("/a", "prefix")],
)
def test_other_paths_are_refused(path, path_type):
    with pytest.raises(DecodingError, match="validateAndGetPaths"):
        url_map_paths(path, path_type)


@pytest.mark.parametrize(
    ("path", "path_type"),
    [(path, None) for path in ("/api*", "/api/(.*)", "/a/*/b", "/a?b=1", "/a#b", "/*?", "api", "*", "/a/**")]
    + [("/a?b=1", "Exact"), ("/a#b", "Prefix"), ("api", "Prefix")],
)
def test_what_no_url_map_takes_is_refused(path, path_type):
    with pytest.raises(DecodingError, match="urlMaps"):
        url_map_paths(path, path_type)


def test_a_path_that_is_taken_is_told():
    with pytest.raises(DecodingError, match=r"such as /a/\*"):
        url_map_paths("/a/b*", None)


@given(st.text(st.characters(exclude_characters="*?#")), st.sampled_from(PATH_TYPES))
def test_a_path_without_a_wildcard_is_taken_whatever_its_type(path, path_type):
    assert url_map_paths(f"/{path}", path_type)
