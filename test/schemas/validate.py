"""Validates Kubernetes manifests strictly against the schemas of every supported minor, which kubernetes-validate ships."""

import json
import re
import sys
from pathlib import Path

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

MINORS = [f"1.{minor}" for minor in range(29, 38)]
SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"


class Schemas:
    """The schemas of one minor. Its definitions are read once: the package's own command reads 1.5 MB for every object."""

    def __init__(self, minor):
        self.folder = SCHEMAS / f"v{minor}.0-local-strict"
        definitions = json.loads((self.folder / "_definitions.json").read_text())
        self.registry = Resource.from_contents(definitions) @ Registry()
        self.validators = {}

    def errors(self, manifest):
        """What is wrong with a manifest; a kind that this minor does not know is wrong, too."""
        if not (manifest.get("apiVersion") and manifest.get("kind")):
            return ["has no apiVersion or no kind"]
        # rbac.authorization.k8s.io/v1 has its schemas under rbac-v1
        version = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", manifest["apiVersion"])
        name = f"{manifest['kind'].lower()}-{version}"
        if name not in self.validators:
            file = self.folder / f"{name}.json"
            schema = json.loads(file.read_text()) if file.exists() else None
            self.validators[name] = schema and Draft202012Validator(schema, registry=self.registry)
        validator = self.validators[name]
        if validator is None:
            return ["there is no such kind"]
        errors = [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(manifest)]
        return errors + [f"{path}: is null" for path in nulls(manifest)]


def nulls(value, path=()):
    """Where a value is null: the schemas allow that, but it means that something was lost on the way to the YAML."""
    if value is None:
        yield ".".join(path)
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from nulls(entry, (*path, str(key)))


def title(manifest):
    """For example `Service db`."""
    return f"{manifest.get('kind')} {(manifest.get('metadata') or {}).get('name')}"


def main(files):
    """Prints each fault once, with the minors that have it."""
    manifests = [(file, manifest) for file in files for manifest in yaml.safe_load_all(Path(file).read_text()) if manifest]
    faults = {}
    for minor in MINORS:
        schemas = Schemas(minor)
        for file, manifest in manifests:
            for error in schemas.errors(manifest):
                fault = f"{file}: {title(manifest)}: {error}"
                faults.setdefault(fault, []).append(minor)
    for fault, minors in faults.items():
        print(f"{fault} (Kubernetes {minors[0]} to {minors[-1]})", file=sys.stderr)
    print(f"{len(manifests)} objects checked against Kubernetes {MINORS[0]} to {MINORS[-1]}: {len(faults)} faults")
    return 1 if faults or not manifests else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
