"""A real Kubernetes control plane at one address: etcd, kube-apiserver, kube-controller-manager and kube-scheduler.

Real: validation, server-side apply, admission by policy, the controllers of Deployments, ReplicaSets, Endpoints and
their slices, garbage, Namespaces and disruption budgets, the scheduler. Not there: authorisation (every token may do
everything), nodes, GKE's own controllers, ServiceAccount tokens in pods, autoscaling.
"""

import base64
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from nodrop.lab.kubernetes import gate
from nodrop.lab.kubernetes.rest import ApiError, Client

START_SECONDS = 60
"""A busy machine may take this long; an idle one is ready in about 5 s."""
SERVICE_IPS = "10.96.0.0/16"
CONTROLLERS = (
    "deployment-controller",
    "replicaset-controller",
    "endpoints-controller",  # the Kubernetes provider waits for a Service's Endpoints: without them, 10 minutes
    "endpointslice-controller",
    "serviceaccount-controller",
    "namespace-controller",
    "garbage-collector-controller",
    "disruption-controller",
    "pod-garbage-collector-controller",
)
DIES_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, kept by execv
if os.getppid() != int(sys.argv[1]):
    sys.exit("parent gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


class StartError(Exception):
    """The control plane did not come up; the message holds the ends of the logs."""


class ControlPlane:
    """One control plane. Start it in the thread that lives longest: Linux ends the programs when that thread ends."""

    url: str
    ca: bytes
    """PEM."""
    token: str
    """Of system:masters, whom the API server never throttles."""
    client: Client
    kubeconfig_file: Path

    def __init__(
        self, program: Callable[[str], Path], address: str = "127.0.0.1", users: Mapping[str, str] | None = None
    ) -> None:
        """Starts nothing yet.

        Args:
            program: finds each program by its name.
            address: where the API server listens; the others are on loopback.
            users: names by token, of users beside the one that nothing is refused or delayed.
        """
        self.program = program
        self.address = address
        self._users = users or {}
        self._programs: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, folder: Path) -> None:
        """Starts everything, with data, keys and logs in `folder`, and returns when objects are accepted.

        Raises:
            StartError: it did not get ready.
        """
        self._folder = folder
        try:
            self._start()
        except BaseException as error:
            self.stop()
            if isinstance(error, (TimeoutError, ApiError, OSError)):
                raise StartError(f"{error}\n{self.logs()}") from None
            raise

    def stop(self) -> None:
        """Ends all programs. Can be called at any time."""
        for program in reversed(self._programs.values()):
            program.kill()  # nothing in the folder is worth an orderly end
        for program in self._programs.values():
            program.wait()
        self._programs.clear()

    def kubeconfig(self, token: str | None = None) -> str:
        """A kubeconfig with the token in it, `token` unless another is given."""
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "it", "cluster": {"server": self.url, **_encoded_ca(self.ca)}}],
                "users": [{"name": "it", "user": {"token": token or self.token}}],
                "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
                "current-context": "it",
            }
        )

    def logs(self, lines: int = 15) -> str:
        """The ends of all logs."""
        ends = []
        for log in sorted(self._folder.glob("*.log")):
            end = log.read_text(errors="replace").splitlines()[-lines:]
            ends.append("\n".join([f"--- {log.name}", *end]))
        return "\n".join(ends)

    def _start(self) -> None:
        etcd, peer = _free_ports("127.0.0.1", 2)
        (api,) = _free_ports(self.address, 1)
        self.run(
            "etcd",
            f"--data-dir={self._folder / 'etcd'}",
            "--unsafe-no-fsync",
            f"--listen-client-urls=http://127.0.0.1:{etcd}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-cluster=default=http://127.0.0.1:{peer}",
            "--log-level=warn",
        )
        self.url, self.token = f"https://{self.address}:{api}", secrets.token_hex(16)
        key = self._secret("service-accounts.key", _private_key())
        users = [f"{self.token},admin,admin,system:masters", *(f"{t},{name},{name}" for t, name in self._users.items())]
        tokens = self._secret("tokens.csv", "\n".join([*users, ""]))
        certificates = self._folder / "certificates"
        self.run(
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            f"--bind-address={self.address}",
            f"--advertise-address={self.address}",
            f"--secure-port={api}",
            f"--cert-dir={certificates}",
            f"--token-auth-file={tokens}",
            "--authorization-mode=AlwaysAllow",
            f"--service-cluster-ip-range={SERVICE_IPS}",
            "--endpoint-reconciler-type=none",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--disable-admission-plugins=ServiceAccount",
            "--feature-gates=MutatingAdmissionPolicy=true",
            "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
        )
        certificate = certificates / "apiserver.crt"
        self.until(lambda: certificate.exists() and b"END" in certificate.read_bytes(), "the certificate")
        self.ca = certificate.read_bytes()
        self.client = Client(self.url, self.ca, self.token)
        self.until(lambda: self.client.request("GET", "/readyz")["text"] == "ok", "kube-apiserver")
        self.kubeconfig_file = self._secret("kubeconfig", self.kubeconfig())
        common = (f"--kubeconfig={self.kubeconfig_file}", "--leader-elect=false", "--secure-port=0")
        self.run(
            "kube-controller-manager",
            *common,
            f"--controllers={','.join(CONTROLLERS)}",
            "--kube-api-qps=1000",
            "--kube-api-burst=2000",
        )
        self.run("kube-scheduler", *common, "--kube-api-qps=1000", "--kube-api-burst=2000")
        gate.install(self.client)
        self.until(lambda: gate.works(self.client), "the readiness gate's injection")
        gate.clean_up(self.client)

    def run(self, name: str, *flags: str, log: str = "", environment: Mapping[str, str] | None = None) -> None:
        """Starts a program in a session of its own, so that Ctrl-C reaches only the caller, which then stops it.

        Its log is called `log`, or as the program is.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        log = log or name
        own = str(os.getpid())
        argv = [sys.executable, "-I", "-S", "-c", DIES_WITH_PARENT, own, str(self.program(name)), *flags]
        with (self._folder / f"{log}.log").open("wb") as file:
            self._programs[log] = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd=self._folder,
                env=environment,
                start_new_session=True,
            )

    def until(self, ready: Callable[[], bool], what: str) -> None:
        """Waits for the condition; raises TimeoutError where a program ends first, or START_SECONDS have passed."""
        end = time.monotonic() + START_SECONDS
        last: Exception | None = None
        while time.monotonic() < end:
            for name, program in self._programs.items():
                if (code := program.poll()) is not None:
                    raise TimeoutError(f"{name} ended with {code} before {what} was ready")
            try:
                if ready():
                    return
            except (ApiError, OSError) as error:
                last = error
            time.sleep(0.05)
        raise TimeoutError(f"{what} was not ready within {START_SECONDS} s{f': {last}' if last else ''}")

    def _secret(self, name: str, text: str) -> Path:
        file = self._folder / name
        file.touch(mode=0o600)
        file.write_text(text)
        return file


def _encoded_ca(ca: bytes) -> dict[str, str]:
    return {"certificate-authority-data": base64.b64encode(ca).decode()}


def _private_key() -> str:
    """An EC key on P-256 in PEM (RFC 5915 without the public key, which readers derive)."""
    der = bytes.fromhex("30310201010420") + secrets.token_bytes(32) + bytes.fromhex("a00a06082a8648ce3d030107")
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN EC PRIVATE KEY-----\n{body}-----END EC PRIVATE KEY-----\n"


def _free_ports(address: str, count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((address, 0))
        return [one.getsockname()[1] for one in sockets]
