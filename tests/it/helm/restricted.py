"""Reads rendered manifests and prints what a pod may that it should not; nothing when all is well.

usage: restricted.py FILE
"""
import sys

import yaml

POD = {
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
CONTAINER = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
HOST = ("hostNetwork", "hostPID", "hostIPC")


def pod_of(manifest):
    spec = manifest["spec"]
    if manifest["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec.get("template", {}).get("spec")


def wrong(pod):
    context = pod.get("securityContext", {})
    for key, wanted in POD.items():
        if context.get(key) != wanted:
            yield f"securityContext.{key}"
    if context.get("runAsUser", 0) < 10_000:
        yield "securityContext.runAsUser"
    if pod.get("automountServiceAccountToken") is not False:
        yield "automountServiceAccountToken"
    for key in HOST:
        if pod.get(key):
            yield key
    for volume in pod.get("volumes", []):
        if "hostPath" in volume:
            yield f"volume {volume['name']}"
    for container in pod["containers"]:
        name = container["name"]
        for key, wanted in CONTAINER.items():
            if container.get("securityContext", {}).get(key) != wanted:
                yield f"{name}: securityContext.{key}"
        resources = container.get("resources", {})
        if not resources or resources.get("requests") != resources.get("limits"):
            yield f"{name}: resources"
        for variable in container.get("env", []):
            if "://" in variable.get("value", "") and "@" in variable["value"]:
                yield f"{name}: {variable['name']} holds a secret"


def main():
    pods = 0
    with open(sys.argv[1], encoding="utf-8") as file:
        manifests = [m for m in yaml.safe_load_all(file) if m]
    for manifest in manifests:
        pod = pod_of(manifest) if "spec" in manifest else None
        if pod is None:
            continue
        pods += 1
        for what in wrong(pod):
            print(f"{manifest['kind']} {manifest['metadata']['name']}: {what}")
    if not pods:
        print("no pod")


main()
