#!/usr/bin/env bash
# Runs on older Kubernetes what of e2e/apiserver is for it: the resource, injection by the webhook
# and in manifests, certificates, the operator.  Admission policies that change pods are not: v1 of
# them begins with 1.36.
#   KUBECONFIGS=a:b tools/e2e_versions.sh   on clusters that run, one after the other
#   tools/e2e_versions.sh                   on control planes that CLUSTER_SCRIPTS can start
# In CI only versions that are already built are run; by hand the others are built, 8 minutes each.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
versions=${VERSIONS:-1.35.4 1.33.13}
scripts=${CLUSTER_SCRIPTS:-../shared/cluster}
cache=${MM_CLUSTER_CACHE:-$HOME/.cache/mm-cluster}
tests=(test_resource_refused test_resource_stored test_injected_manifests
       test_injection_webhook test_certificates test_operator)

run() {  # KUBECONFIG
    KUBECONFIG=$1 .venv/bin/python -m pytest "${tests[@]/#/e2e/apiserver/}" ${PYTEST_ARGS:-}
}

loudly() { printf '\n!!!!!! %s\n\n' "$*" >&2; }

built() { [ -x "$cache/k8s-$1/kube-apiserver" ]; }

build() {  # VERSION: what a control plane needs; binaries of the version in use stay in use
    local links
    links=$(find "$cache/bin" -type l -lname '*/k8s-*' -printf '%p %l\n')
    K8S_VERSION=$1 MM_K8S_ONLY="kube-apiserver kube-controller-manager kube-scheduler kubectl" "$scripts/build" k8s
    while read -r link target; do ln -sfn "$target" "$link"; done <<<"$links"
}

on_version() {  # VERSION
    export K8S_VERSION=$1 MM_CLUSTER_DIR MM_CLUSTER_PORT=${E2E_PORT:-27443}
    MM_CLUSTER_DIR=$(mktemp -d)/cluster
    trap '"$scripts/down"' EXIT
    local started
    # The second time starts what was not there yet when a slow machine gave up.
    started=$("$scripts/up" --no-node || "$scripts/up" --no-node)
    printf '\n=== Kubernetes %s\n' "$1"
    run "${started#export KUBECONFIG=}"
}

tests=("${tests[@]/%/.py}")
if [ -n "${KUBECONFIGS:-}" ]; then
    IFS=: read -ra files <<<"$KUBECONFIGS"
    for file in "${files[@]}"; do
        printf '\n=== %s\n' "$(KUBECONFIG=$file kubectl version 2>/dev/null | grep Server)"
        run "$file"
    done
    exit
fi
if [ ! -x "$scripts/up" ]; then
    loudly "NOT RUN on $versions: set KUBECONFIGS to clusters of these versions, or CLUSTER_SCRIPTS to scripts that start them"
    [ -n "${CI:-}" ] && exit 0 || exit 1
fi
export PATH="$PATH:$cache/bin"
for version in $versions; do
    if ! built "$version"; then
        if [ -n "${CI:-}" ]; then
            loudly "NOT RUN on Kubernetes $version: it is not built here (make e2e-versions builds it)"
            continue
        fi
        build "$version"
    fi
    (on_version "$version")
done
