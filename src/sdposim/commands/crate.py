"""A Workflow Run RO-Crate: the workflow, its inputs, its results and what ran it, as one folder."""

import json
from pathlib import Path

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from sdposim.commands.specs import STANDARD_INPUT, parse
from sdposim.storage.errors import UserError

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}


def run(spec: str, output: str) -> None:
    """Write the crate of the studies that were run.

    Args:
        spec: canonical JSON with `records` (files of results/provenance), `sources` (the workflow's
            files), the resolved `configuration` and the digest of this step.
        output: folder to write.

    Raises:
        UserError: the spec is not one.
    """
    asked = parse(spec, STANDARD_INPUT, records=list, sources=list, configuration=dict)
    if not asked["records"]:
        raise UserError(
            f"{STANDARD_INPUT}, key 'records': [] is not allowed; allowed: at least one file"
        )
    records = [json.loads(Path(path).read_text(encoding="utf-8")) for path in asked["records"]]
    crate = ROCrate()
    finished = max(record["written"] for record in records)
    crate.datePublished = finished
    crate.name = "Results of sdposim: " + ", ".join(record["study"] for record in records)
    crate.description = "Tables and figures of a simulation study, with what they were made from."
    crate.license = "https://spdx.org/licenses/MIT"
    _profiles(crate)
    workflow = crate.add_workflow("Snakefile", "Snakefile", main=True, lang="snakemake")
    inputs = [_file(crate, path) for path in asked["sources"] if path != "Snakefile"]
    workflow["hasPart"] = inputs
    software = _software(crate, records[0]["versions"])
    resolved = _text(crate, "configuration.json", asked["configuration"])
    for record, path in zip(records, asked["records"], strict=True):
        _action(crate, record, path, workflow, [resolved, *inputs], software)
    crate.write(output)
    print(f"{output}: {len(records)} studies", flush=True)


def _profiles(crate: ROCrate) -> None:
    entities = [
        crate.add(ContextEntity(crate, url, {"@type": "CreativeWork", "name": name}))
        for url, name in PROFILES.items()
    ]
    crate.root_dataset["conformsTo"] = entities


def _file(crate: ROCrate, path: str):
    return crate.get(path) or crate.add_file(path, path, properties={"name": path})


def _text(crate: ROCrate, name: str, value: object):
    from io import StringIO

    source = StringIO(json.dumps(value, indent=1, sort_keys=True) + "\n")
    properties = {"name": "the resolved configuration", "encodingFormat": "application/json"}
    return crate.add_file(source, name, properties=properties)


def _software(crate: ROCrate, versions: dict) -> list:
    return [
        crate.add(
            ContextEntity(
                crate,
                f"#{name}-{version}",
                {"@type": "SoftwareApplication", "name": name, "softwareVersion": version},
            )
        )
        for name, version in versions.items()
    ]


def _action(crate, record, path, workflow, inputs, software) -> None:
    results = [_file(crate, path), *(_file(crate, name) for name in record["artefacts"])]
    for entity, name in zip(results[1:], record["artefacts"], strict=True):
        entity["sha256"] = record["artefacts"][name]["sha256"]
    action = ContextEntity(
        crate,
        f"#run-{record['study']}",
        {
            "@type": "CreateAction",
            "name": f"study {record['study']} at commit {record['git_commit']}",
            "endTime": record["written"],
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    )
    crate.add(action)
    action["instrument"] = workflow
    action["object"] = inputs
    action["result"] = results
    action["softwareRequirements"] = software
    crate.root_dataset.append_to("mentions", action)
