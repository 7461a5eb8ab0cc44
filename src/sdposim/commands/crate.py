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
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
"""Defines the terms of these profiles that RO-Crate does not have, such as `sha256`."""

PROJECT = "The sdposim developers"
"""Who is named as author and agent, as in CITATION.cff; records hold no person's name."""

LICENSE = "https://spdx.org/licenses/MIT"
WORKFLOW = "workflow/Snakefile"
HOMES = {
    "llvmlite": "https://llvmlite.readthedocs.io/",
    "numba": "https://numba.pydata.org/",
    "numpy": "https://numpy.org/",
    "pandas": "https://pandas.pydata.org/",
    "pyarrow": "https://arrow.apache.org/",
    "python": "https://www.python.org/",
    "snakemake": "https://snakemake.github.io/",
}
FORMATS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tex": "text/x-tex",
    ".yaml": "application/yaml",
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
    # The profiles' versions build on this one.
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(CONTEXT)
    project = _described(crate, records)
    workflow = crate.add_workflow(
        WORKFLOW,
        WORKFLOW,
        main=True,
        lang="snakemake",
        lang_version=records[0]["versions"]["snakemake"],
        properties={
            "name": "sdposim",
            "version": records[0]["versions"]["sdposim"],
            "encodingFormat": "text/plain",
        },
    )
    inputs = [_file(crate, path) for path in asked["sources"] if path != WORKFLOW]
    workflow["hasPart"] = inputs
    workflow["creator"] = project
    workflow["license"] = crate.get(LICENSE)
    software = _software(crate, records[0]["versions"])
    resolved = _text(crate, "configuration.json", asked["configuration"])
    for record, path in zip(records, asked["records"], strict=True):
        action = _action(crate, record, path, [resolved, *inputs])
        action["instrument"] = workflow
        action["agent"] = project
        action["softwareRequirements"] = software
    crate.write(output)
    print(f"{output}: {len(records)} studies", flush=True)


def _described(crate: ROCrate, records: list):
    """The crate says what it is, by whom, and to which profiles it keeps; the project's entity."""
    project = {"@type": "Organization", "name": PROJECT, "description": "The project sdposim"}
    entity = crate.add(ContextEntity(crate, "#project", project))
    licence = {"@type": "CreativeWork", "name": "MIT License"}
    crate.name = "Results of sdposim: " + ", ".join(record["study"] for record in records)
    crate.description = "Tables and figures of a simulation study, with what they were made from."
    # The only dates are those of the records: the same records make the same crate.
    crate.datePublished = max(record["written"] for record in records)
    crate.license = crate.add(ContextEntity(crate, LICENSE, licence))
    crate.creator = crate.publisher = entity
    crate.root_dataset["author"] = entity
    crate.root_dataset["conformsTo"] = [
        crate.add(
            ContextEntity(
                crate, url, {"@type": "CreativeWork", "name": name, "version": url.rsplit("/")[-1]}
            )
        )
        for url, name in PROFILES.items()
    ]
    return entity


def _file(crate: ROCrate, path: str):
    properties = {"name": path, "encodingFormat": FORMATS.get(Path(path).suffix, "text/plain")}
    return crate.get(path) or crate.add_file(path, path, properties=properties)


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
                HOMES.get(name, f"#{name}"),
                {"@type": "SoftwareApplication", "name": name, "softwareVersion": version}
                | ({"url": HOMES[name]} if name in HOMES else {}),
            )
        )
        for name, version in sorted(versions.items())
    ]


def _action(crate: ROCrate, record: dict, path: str, inputs: list) -> ContextEntity:
    """The run of one study, from these inputs to its files and its record."""
    results = [_file(crate, path), *(_file(crate, name) for name in record["artefacts"])]
    for entity, name in zip(results[1:], record["artefacts"], strict=True):
        entity["sha256"] = record["artefacts"][name]["sha256"]
    action = ContextEntity(
        crate,
        f"#run-{record['study']}",
        {
            "@type": "CreateAction",
            "name": f"study {record['study']} at commit {record['git_commit']}",
            "description": f"Snakemake computed study {record['study']}: {len(record['logs'])} logs"
            f" of trained cells, and {len(record['artefacts'])} files from them.",
            "endTime": record["written"],
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    )
    crate.add(action)
    action["object"] = inputs
    action["result"] = results
    crate.root_dataset.append_to("mentions", action)
    return action
