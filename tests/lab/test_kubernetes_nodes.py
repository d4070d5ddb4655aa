"""What kube-proxy's table says of a node port, in the forms of 1.34 and of 1.37."""

import pytest

from nodrop.lab.kubernetes.nodes import node_ports_of

TABLE = """table ip kube-proxy {
\tmap no-endpoint-nodeports {
\t\ttype inet_proto . inet_service : verdict
\t\telements = { tcp . 30081 comment "demo/empty:http" : goto reject-chain,
\t\t\t\ttcp . 30082 comment "demo/elsewhere:http" : drop }
\t}

\tmap service-nodeports {
\t\ttype inet_proto . inet_service : verdict
\t\tcomment "NodePort traffic"
\t\telements = { tcp . 30080 : goto external-XKQFUDSU-demo/web/tcp/http,
\t\t\t\ttcp . 30083 : goto external-7YEJAMRA-demo/local/tcp/http }
\t}

%s
\tchain external-XKQFUDSU-demo/web/tcp/http {
\t\tmeta mark set meta mark | 0x00004000 comment "masquerade"
\t\tgoto service-XKQFUDSU-demo/web/tcp/http
\t}

\tchain external-7YEJAMRA-demo/local/tcp/http {
\t\tip saddr 10.0.30.0/24 goto service-XKQFUDSU-demo/web/tcp/http comment "short-circuit pod traffic"
\t\tfib saddr type local goto service-XKQFUDSU-demo/web/tcp/http comment "short-circuit local traffic"
\t\tgoto local-7YEJAMRA-demo/local/tcp/http
\t}
}
"""
NEW = """
\tchain service-XKQFUDSU-demo/web/tcp/http {
\t\tmeta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.0.31.2 . 8080, 1 : 10.0.30.3 . 8080 }
\t}

\tchain local-7YEJAMRA-demo/local/tcp/http {
\t\tmeta l4proto tcp dnat to 10.0.30.3:8080
\t}
"""
OLD = """
\tchain service-XKQFUDSU-demo/web/tcp/http {
\t\tnumgen random mod 2 vmap { 0 : goto endpoint-A-demo/web/tcp/http__10.0.31.2/8080, 1 : goto \
endpoint-B-demo/web/tcp/http__10.0.30.3/8080 }
\t}

\tchain local-7YEJAMRA-demo/local/tcp/http {
\t\tnumgen random mod 1 vmap { 0 : goto endpoint-C-demo/local/tcp/http__10.0.30.3/8080 }
\t}
"""


@pytest.mark.parametrize("services", [NEW, OLD], ids=["1.37", "1.34"])
def test_every_node_port_leads_to_the_pods_that_the_rules_name(services: str) -> None:
    assert node_ports_of(TABLE % services) == {
        30080: (("10.0.30.3", 8080), ("10.0.31.2", 8080)),
        30081: (),
        30082: None,
        30083: (("10.0.30.3", 8080),),
    }


def test_without_a_table_there_is_no_node_port() -> None:
    assert node_ports_of("") == {}
