"""The webhook's configuration can do no harm: narrow, short, and open when it fails."""

from modelmonitor_operator.render.injection_policy import injection_policy_binding
from modelmonitor_operator.render.injection_webhook import injection_webhook

EXCLUDED = ["zebra", "kube-system"]
(WEBHOOK,) = injection_webhook(EXCLUDED, "ml")["webhooks"]


def test_whatever_fails_the_pod_is_created() -> None:
    assert WEBHOOK["failurePolicy"] == "Ignore"
    assert WEBHOOK["timeoutSeconds"] <= 5
    assert WEBHOOK["sideEffects"] == "None"


def test_it_is_asked_about_new_pods_alone() -> None:
    (rule,) = WEBHOOK["rules"]
    assert (rule["operations"], rule["resources"]) == (["CREATE"], ["pods"])


def test_it_leaves_out_the_same_namespaces_as_the_policy() -> None:
    binding = injection_policy_binding(EXCLUDED)["spec"]["matchResources"]
    assert WEBHOOK["namespaceSelector"] == binding["namespaceSelector"]


def test_a_cluster_that_comes_up_does_not_wait_for_it() -> None:
    texts = " && ".join(one["expression"] for one in WEBHOOK["matchConditions"])
    assert "kubernetes.io/config.mirror" in texts
    assert "!object.spec.?hostNetwork.orValue(false)" in texts


def test_another_webhook_after_it_makes_the_api_server_ask_again() -> None:
    assert WEBHOOK["reinvocationPolicy"] == "IfNeeded"


def test_the_field_that_the_webhook_writes_itself_is_not_written_here() -> None:
    assert "caBundle" not in WEBHOOK["clientConfig"]
