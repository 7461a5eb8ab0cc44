"""A throw-away Slurm cluster of two nodes on one machine, for the tests of `profiles/slurm`.

munged, slurmctld and two slurmd (from Debian's `munge` and `slurm-wlm`) run as the calling user,
on free ports, with every file in one temporary folder, and all of them end with the `with` block:

    with Cluster() as cluster:
        subprocess.run(["sinfo"], env={**os.environ, **cluster.environment})

By hand, `python tests/slurm/cluster.py COMMAND [ARGUMENT ...]` runs one command inside such a
cluster (a shell, say) and exits with its status. No systemd is needed; without root it was not
tried.

The cluster keeps no accounting (so `sacct` answers nothing there) and, unlike Slurm's default,
requeues no job of a failed node unless the job was submitted with `--requeue`.
"""

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

PARTITION = "main"
NODES = ("node1", "node2")
PROGRAMS = {
    "munged": "munge",
    "slurmctld": "slurm-wlm",
    "slurmd": "slurm-wlm",
    "srun": "slurm-wlm",
    "sinfo": "slurm-wlm",
    "scontrol": "slurm-wlm",
}

CONFIGURATION = """\
ClusterName=throwaway
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
# A requeued job waits until the credential of its first start has expired.
AuthInfo=socket={folder}/munge.socket,cred_expire=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n.spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MailProg=/bin/true
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,bf_interval=2,sched_interval=2
# The nodes claim more than the machine has: what is tested is where jobs run, not how fast.
SlurmdParameters=config_overrides
JobRequeue=0
ReturnToService=1
KillWait=1
SlurmctldTimeout=120
# On a busy machine a daemon can be silent for long; the tests take nodes down by command.
SlurmdTimeout=300
MessageTimeout=100
{nodes}
PartitionName={partition} Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class ClusterError(RuntimeError):
    """The cluster cannot be started; the message is one sentence that says why."""


def _free_ports(count):
    """Return `count` distinct TCP ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def find_programs():
    """Return {program: path}; raise ClusterError naming the missing ones and their packages."""
    # Debian keeps the daemons in /usr/sbin, which is not on every user's PATH.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    found = {name: shutil.which(name, path=path) for name in PROGRAMS}
    missing = [name for name, where in found.items() if where is None]
    if missing:
        packages = " ".join(sorted({PROGRAMS[name] for name in missing}))
        raise ClusterError(
            f"{', '.join(missing)} not found: install Debian's packages "
            f"(apt-get install {packages}) to run the Slurm tests."
        )
    return found


class Cluster:
    """Start the daemons on entry, stop them on exit.

    cpus: CPUs that each node claims; memory_mb: MiB of memory that each node claims;
    timeout: seconds to wait for both nodes to become idle.
    Raises ClusterError when a program is missing or the nodes do not come up; the message then
    holds the last lines of the daemons' logs.
    """

    def __init__(self, cpus=2, memory_mb=16000, timeout=300):
        self.cpus = cpus
        self.memory_mb = memory_mb
        self.timeout = timeout
        self._daemons = []
        self._answer = ""

    @property
    def environment(self):
        """Variables that make Slurm's commands talk to this cluster, as a dict."""
        return {
            "SLURM_CONF": str(self.folder / "slurm.conf"),
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ.get("PATH", os.defpath)]),
        }

    def run(self, *command):
        """Run one of Slurm's commands in this cluster and return its standard output."""
        done = subprocess.run(
            command, env=os.environ | self.environment, capture_output=True, text=True
        )
        if done.returncode != 0:
            said = done.stderr.strip()
            raise ClusterError(f"{' '.join(command)} failed: {said}\n{self.logs()}")
        return done.stdout

    def set_node(self, node, state, reason="test"):
        """Set `node` to DOWN, DRAIN or RESUME, as an administrator would."""
        self.run("scontrol", "update", f"NodeName={node}", f"State={state}", f"Reason={reason}")

    def running_jobs(self):
        """Return {job id: node} of the running jobs; tasks of arrays are `<array>_<task>`."""
        listing = self.run("squeue", "--noheader", "--states=RUNNING", "--array", "--format=%i %N")
        return dict(line.split() for line in listing.splitlines())

    def __enter__(self):
        self.programs = find_programs()
        # Not pytest's folder: the path of a Unix socket is limited to 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        try:
            self._start_munge()
            self._start_slurm()
            self._wait_for_nodes()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *_):
        # A job in the middle of its work would outlive its slurmd.
        if (self.folder / "slurmctld.pid").exists():
            subprocess.run(
                ["scancel", "--user", getpass.getuser(), "--signal=KILL", "--full"],
                env=os.environ | self.environment,
                capture_output=True,
            )
        for daemon in reversed(self._daemons):
            if daemon.poll() is None:
                daemon.send_signal(signal.SIGTERM)
        for daemon in reversed(self._daemons):
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self._daemons.clear()
        # A process of a job that ended can outlive it: proctrack/linuxproc loses orphans.
        for process in self.processes():
            process.kill()
            process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self):
        """All processes of the cluster and its jobs: those that have its folder in PATH."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if str(self.folder) in process.environ().get("PATH", ""):
                    found.append(process)
        return [process for process in found if process.pid != os.getpid()]

    def _start(self, *command):
        log = (self.folder / f"{Path(command[0]).name}.out").open("ab")
        with log:
            self._daemons.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=os.environ | self.environment,
                    start_new_session=True,  # Ctrl-C must reach Snakemake first, not the daemons
                )
            )

    def _start_munge(self):
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        # munged refuses a socket in a folder that others cannot enter.
        self.folder.chmod(0o755)
        self._start(
            self.programs["munged"],
            "--foreground",
            "--num-threads=2",
            f"--key-file={key}",
            f"--socket={self.folder}/munge.socket",
            f"--pid-file={self.folder}/munged.pid",
            f"--seed-file={self.folder}/munged.seed",
            f"--log-file={self.folder}/munged.log",
        )
        self._wait(lambda: (self.folder / "munge.socket").exists(), "munged did not start")

    def _start_slurm(self):
        host = socket.gethostname().split(".")[0]
        controller_port, *node_ports = _free_ports(1 + len(NODES))
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} "
            f"CPUs={self.cpus} RealMemory={self.memory_mb} State=UNKNOWN"
            for node, port in zip(NODES, node_ports, strict=True)
        )
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(
                host=host,
                controller_port=controller_port,
                user=getpass.getuser(),
                folder=self.folder,
                nodes=nodes,
                partition=PARTITION,
            )
        )
        # The plugin's job step drops every SLURM_* variable before it calls srun, so srun must find
        # the configuration without SLURM_CONF.
        srun = self.folder / "bin" / "srun"
        srun.parent.mkdir()
        srun.write_text(
            f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {self.programs["srun"]} "$@"\n'
        )
        srun.chmod(0o755)
        (self.folder / "state").mkdir()
        self._start(self.programs["slurmctld"], "-D")
        for node in NODES:
            (self.folder / f"{node}.spool").mkdir()
            self._start(self.programs["slurmd"], "-D", "-N", node)

    def _wait_for_nodes(self):
        def idle():
            asked = subprocess.run(
                ["sinfo", "--noheader", "--Node", "--format=%N %T"],
                env=os.environ | self.environment,
                capture_output=True,
                text=True,
            )
            self._answer = (asked.stdout + asked.stderr).strip()
            return sorted(asked.stdout.splitlines()) == [f"{node} idle" for node in NODES]

        self._wait(idle, "the nodes did not become idle")

    def _wait(self, ready, failure):
        deadline = time.monotonic() + self.timeout
        while not ready():
            dead = [daemon for daemon in self._daemons if daemon.poll() is not None]
            if dead or time.monotonic() > deadline:
                reason = f"{failure} within {self.timeout} s; sinfo: {self._answer!r}"
                if dead:
                    reason = f"{Path(dead[0].args[0]).name} ended with status {dead[0].returncode}"
                raise ClusterError(f"The Slurm test cluster failed: {reason}.\n{self.logs()}")
            time.sleep(0.2)

    def logs(self, lines=15):
        """The last lines of what each daemon said, as one text."""
        names = sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")])
        ends = {name.name: name.read_text(errors="replace").splitlines()[-lines:] for name in names}
        return "\n".join(f"--- {name}\n" + "\n".join(end) for name, end in ends.items() if end)


def main(command):
    """Run `command` inside a cluster and return its exit status."""
    if not command:
        print("usage: python tests/slurm/cluster.py COMMAND [ARGUMENT ...]", file=sys.stderr)
        return 2
    try:
        with Cluster() as cluster:
            return subprocess.run(command, env=os.environ | cluster.environment).returncode
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
