"""Decide calls by the policies given, with the evaluator of the embedded cloud; runs in its environment.

Standard input is a JSON list of calls: `identity` and `resource` policies, `principal`, `action`, `arn` and
`context`. Standard output is the list of decisions: Allow, Deny or ImplicitDeny.
"""

import json
import sys
from typing import Any

from ministack.core.iam_evaluator import (
    EvalContext,
    combine_resource_policy,
    evaluate,
    parse_policy_document,
)

ACCOUNT = "123456789012"


def decide(call: dict[str, Any]) -> str:
    """The decision on one call."""
    context = EvalContext(
        principal_arn=call["principal"],
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=call["action"],
        resource_arn=call["arn"],
        region="us-east-1",
        secure_transport=call["context"].pop("secure", True),
        service_context=call["context"],
    )
    decided = evaluate(context, [parse_policy_document(policy) for policy in call["identity"]])
    if call["resource"]:
        decided = combine_resource_policy(decided, context, call["resource"], ACCOUNT)
    return str(decided.decision)


if __name__ == "__main__":
    json.dump([decide(call) for call in json.load(sys.stdin)], sys.stdout)
