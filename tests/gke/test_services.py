"""Annotations of a Service are read as GKE's controllers read them, and what is written is read again."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.gke.decoding import DecodingError
from nodrop.gke.services import (
    PROTOCOLS,
    BackendConfigs,
    NegAnnotation,
    NegStatus,
    read_app_protocols,
    read_backend_configs,
    read_neg,
    read_neg_status,
    read_transparent_health_check,
    write_app_protocols,
    write_backend_configs,
    write_neg,
    write_neg_status,
    write_transparent_health_check,
)

NAMES = st.text(max_size=20)
TEXTS = st.dictionaries(NAMES, NAMES, max_size=4)
PORTS = st.integers(1, 65535)


@given(st.booleans(), st.dictionaries(PORTS, NAMES, max_size=4), st.lists(NAMES, max_size=4))
def test_a_neg_annotation_is_read_as_it_was_written(ingress, exposed, zones):
    annotation = NegAnnotation(ingress=ingress, exposed_ports=exposed, zones=tuple(zones))
    assert read_neg(write_neg(annotation)) == annotation


@given(TEXTS, st.lists(NAMES, max_size=4))
def test_a_neg_status_is_read_as_it_was_written(groups, zones):
    status = NegStatus(groups=groups, zones=tuple(zones))
    assert read_neg_status(write_neg_status(status)) == status


@given(NAMES, TEXTS)
def test_names_of_backend_configs_are_read_as_they_were_written(default, ports):
    configs = BackendConfigs(default=default, ports=ports)
    if default or ports:
        assert read_backend_configs(write_backend_configs(configs)) == configs
    else:
        with pytest.raises(DecodingError):
            read_backend_configs(write_backend_configs(configs))


@given(st.dictionaries(NAMES, st.sampled_from(PROTOCOLS), max_size=4))
def test_protocols_are_read_as_they_were_written(protocols):
    assert read_app_protocols(write_app_protocols(protocols)) == protocols


@given(st.booleans())
def test_the_transparent_health_check_is_read_as_it_was_written(enabled):
    assert read_transparent_health_check(write_transparent_health_check(enabled)) is enabled


@pytest.mark.parametrize("read", [read_neg, read_neg_status, read_backend_configs, read_app_protocols])
@given(text=st.text())
def test_whatever_the_text_is_it_is_read_or_refused(read, text):
    with suppress(DecodingError):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "invalid",
        "[]",
        '{"ingress":"true"}',
        '{"ingress":true,"zones":"europe-west1-b"}',
        '{"ingress":true,"zones":[1]}',
        '{"exposed_ports":{"http":{}}}',
        '{"exposed_ports":{"99999999999":{}}}',
        '{"exposed_ports":["80"]}',
        '{"exposed_ports":{"80":"web"}}',
        '{"exposed_ports":{"80":{"name":5}}}',
        '{"ingress":NaN}',
        "[" * 100_000,
    ],
)
def test_a_neg_annotation_with_any_member_of_another_type_is_refused(text):
    with pytest.raises(DecodingError):
        read_neg(text)


@pytest.mark.parametrize(
    ("text", "ingress"),
    [
        ("{}", False),
        ("null", False),
        ('{"ingress":null}', False),
        ('{"Ingress":true}', True),
        ('{"ingress":true,"other":[1]}', True),
        ('{"ingress":false,"ingress":true}', True),
        (' {"ingress" : true} ', True),
    ],
)
def test_a_neg_annotation_is_decoded_as_go_decodes_a_struct(text, ingress):
    assert read_neg(text).ingress is ingress


@pytest.mark.parametrize(
    "text", ["", "{}", "invalid", '{"defualt":"x"}', '{"default":1}', '{"ports":{"80":1}}', '{"default":"","ports":{}}']
)
def test_an_annotation_that_names_no_backend_config_is_refused(text):
    with pytest.raises(DecodingError, match="GetBackendConfigs"):
        read_backend_configs(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"default":"a"}', "a"),
        ('{"default":"a","ports":{"http":"b","80":"c"}}', "b"),
        ('{"default":"a","ports":{"80":"c"}}', "c"),
        ('{"default":"a","ports":{"8080":"d"}}', "a"),
        ('{"ports":{"8080":"d"}}', None),
        ('{"default":"a","ports":{"http":""}}', None),
    ],
)
def test_a_port_has_the_backend_config_of_its_name_then_of_its_number_then_the_default(text, name):
    assert read_backend_configs(text).of("http", 80) == name


@pytest.mark.parametrize("text", ["", "invalid", '{"web":"http"}', '{"web":"HTTP","other":"GRPC"}', '{"web":null}'])
def test_a_protocol_that_no_port_may_have_refuses_all(text):
    with pytest.raises(DecodingError, match="HTTP, HTTPS, HTTP2"):
        read_app_protocols(text)


def test_what_says_nothing_of_the_transparent_health_check_leaves_it_off():
    assert not any(map(read_transparent_health_check, ["", "true", "{}", '{"enabled":"true"}']))
