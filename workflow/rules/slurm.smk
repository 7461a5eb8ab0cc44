# Job arrays of the Slurm executor: each task becomes the command of its own job.
import base64
import json
import os
import sys
import zlib


def become_own_array_task():
    """In the task of an array, run its own job instead of this process.

    The executor (2.8) starts every task with the command of the array's first job, runs the task's
    own one inside, and then waits for the output of the first job: when that job fails or is
    slower, all others fail with it (snakemake-executor-plugin-slurm, issue 447).
    """
    option = "--slurm-jobstep-array-execs="
    given = [argument for argument in sys.argv if argument.startswith(option)]
    task = os.environ.get("SLURM_ARRAY_TASK_ID")
    if not given or task == os.environ.get("SLURM_ARRAY_TASK_MIN"):
        return
    commands = json.loads(base64.b64decode(given[0].removeprefix(option)))
    command = zlib.decompress(bytes.fromhex(commands[task])).decode()
    os.execvp("sh", ["sh", "-c", command])


become_own_array_task()
