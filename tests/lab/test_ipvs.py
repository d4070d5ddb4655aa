"""The arithmetic of kube-proxy's IPVS mode, the timeouts, the options, and what is said where there is no kernel."""

import socket
import struct
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from nodrop.lab.controllers.ipvs import Change, Server, changes, ended
from nodrop.lab.data_plane import ipvs_packages
from nodrop.lab.data_plane.ipvs_guest import lines_of_lab
from nodrop.lab.data_plane.ipvs_modules import HZ, TCP_TIMEOUT_SECONDS, with_timeouts_divided
from nodrop.lab.errors import LabUnavailableError

NODE_PORT = 30080
OLD, NEW = ("10.0.30.2", 8080), ("10.0.31.2", 8080)
SHOP = Path(__file__).parent / "manifests/node_port.yaml"


def server(pod: tuple[str, int], weight: int = 1, connections: int = 0) -> Server:
    return Server(NODE_PORT, *pod, weight, connections)


def changed(*servers: Server, wanted: tuple[tuple[str, int], ...] | None, delete_at_once: bool = False) -> list[Change]:
    return changes({NODE_PORT: wanted}, servers, delete_at_once=delete_at_once)


def test_a_new_endpoint_is_added_before_the_old_one_leaves():
    assert changed(server(OLD, connections=3), wanted=(NEW,)) == [
        Change("add", NODE_PORT, *NEW),
        Change("drain", NODE_PORT, *OLD),
    ]


def test_a_server_without_connections_is_deleted_at_once():
    assert changed(server(OLD), wanted=()) == [Change("delete", NODE_PORT, *OLD)]


def test_a_server_that_drains_already_is_left_alone():
    assert changed(server(OLD, weight=0, connections=3), server(NEW), wanted=(NEW,)) == []


def test_an_agent_deletes_a_server_that_has_connections():
    leaving = server(OLD, connections=3)
    assert changed(leaving, wanted=(), delete_at_once=True) == [Change("delete", NODE_PORT, *OLD)]


def test_an_endpoint_that_comes_back_while_it_drains_is_made_anew():
    assert changed(server(OLD, weight=0, connections=3), wanted=(OLD,)) == [
        Change("delete", NODE_PORT, *OLD),
        Change("add", NODE_PORT, *OLD),
    ]


def test_a_service_that_is_gone_and_a_port_whose_packets_are_dropped_lose_their_servers():
    assert changes({}, [server(OLD)], delete_at_once=False) == [Change("delete", NODE_PORT, *OLD)]
    assert changed(server(OLD), wanted=None) == [Change("delete", NODE_PORT, *OLD)]


def test_only_servers_of_weight_0_whose_last_connection_has_ended_are_forgotten():
    kept = [server(NEW), server(("10.0.30.3", 8080), weight=0, connections=1)]
    assert ended([*kept, server(OLD, weight=0)]) == [Change("delete", NODE_PORT, *OLD)]


def module(*tables: tuple[int, ...]) -> bytes:
    packed = [struct.pack(f"<{len(table)}i", *table) for table in tables]
    return b"\x7fELF" + b"\0" * 8 + b"".join(packed) + b"rest"


TICKS = tuple(seconds * HZ for seconds in TCP_TIMEOUT_SECONDS)


def test_the_kernels_timeouts_are_divided_by_the_speed_up_and_nothing_else_changes():
    divided = (20, 9000, 1200, 600, 1200, 1200, 100, 600, 300, 1200, 1200, 20)
    assert with_timeouts_divided(module(TICKS), 10) == module(divided)


def test_no_timeout_becomes_less_than_a_tick():
    table = with_timeouts_divided(module(TICKS), 1e6)[12:-4]
    assert set(struct.unpack("<12i", table)) == {1}


@pytest.mark.parametrize("tables", [(), (TICKS, TICKS)])
def test_a_module_without_exactly_one_table_of_timeouts_is_refused(tables):
    with pytest.raises(LabUnavailableError, match=f"{len(tables)} tables"):
        with_timeouts_divided(module(*tables), 10)


def rehearse(*options: str):
    return CliRunner().invoke(main, ["rehearse", str(SHOP), *options])


def test_without_the_kernel_one_error_names_the_command_that_brings_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said = rehearse("--proxy", "ipvs")
    assert said.exit_code == 3
    assert said.stderr.count("error") == 1
    assert "make ipvs" in said.stderr
    assert str(tmp_path / "gke-nodrop/ipvs") in said.stderr
    assert ipvs_packages.KERNEL in said.stderr


def test_everything_wrong_in_ipvs_is_told_at_once_with_what_there_is():
    said = rehearse("--proxy", "ipvs", "--ipvs", "conn_reuse_mode=3,expire=1,conntrack=1,conntrack=1,conntrack=0")
    assert said.exit_code == 2
    for wrong in ("'conn_reuse_mode=3'", "'expire=1'", "'conntrack=1 (a second time)'", "'conntrack=0'"):
        assert wrong in said.stderr
    assert "conn_reuse_mode=0|1|2" in said.stderr


@pytest.mark.parametrize("options", [("--ipvs", "conn_reuse_mode=0"), ("--ipvs-folder", "x")])
def test_settings_of_ipvs_are_refused_where_nodes_translate_by_nftables(options):
    said = rehearse(*options)
    assert said.exit_code == 2
    assert "--proxy ipvs" in said.stderr


def test_the_kernels_packages_need_apt(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="apt-get"):
        ipvs_packages.unpack(tmp_path / "ipvs")
    assert not list(tmp_path.iterdir())


def test_where_there_is_no_apt_the_packages_and_the_option_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", ["ipvs_packages", str(tmp_path / "ipvs")])
    with pytest.raises(SystemExit) as ended:
        ipvs_packages.main()
    assert "user-mode-linux" in str(ended.value)
    assert "--ipvs-folder" in str(ended.value)


def test_a_kernel_whose_lab_gave_its_connection_up_takes_the_next_one_and_ends_with_that():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        socket.create_connection(address).close()
        with socket.create_connection(address) as lab, lab.makefile("rw") as answers:
            told = lines_of_lab(listening)
            for asked in ("[]\n", "[1]\n"):
                lab.sendall(asked.encode())
                line, answer = next(told)
                print(f"to {line}", end="", file=answer, flush=True)
                assert answers.readline() == f"to {asked}"
            lab.shutdown(socket.SHUT_WR)
            assert list(told) == []
