"""Which commands empty a cache in front of a site, and which put other files on its origin.

Known by program and verb, as tables; what is copied to an archive or kept as a backup is no origin.
"""

from __future__ import annotations

import re

from rbdsl.analysis.calls import Call
from rbdsl.rules.forms import Form, by_program, matching
from rbdsl.rules.placed_calls import PlacedCall

_PURGES = by_program(
    [
        Form("aws", "cloudfront create-invalidation"),
        Form("fastly", "purge"),
        Form("fastly", "service purge"),
        Form("gcloud", ".. url-maps invalidate-cdn-cache"),
        Form("az", "cdn|afd endpoint purge"),
        Form("az", "network front-door purge-endpoint"),
        Form("akamai", "purge invalidate|delete"),
        Form("flarectl", "zone purge"),
        Form("doctl", "compute cdn flush"),
        Form("aws", "cloudfront create-invalidation-for-distribution-tenant"),
        Form("gcloud", ".. services invalidate-cache"),
    ]
)
_SETS_BACK = by_program(
    [
        Form("kubectl|oc", "apply|replace", also="filename"),
        Form("kubectl|oc", "apply|replace", also="f"),
        Form("docker|podman", "compose up"),
        Form("docker-compose", "up"),
        Form("docker", "stack deploy"),
        Form("nomad", "job run"),
        Form("nomad", "run"),
        Form("aws", "lambda update-alias|update-function-code"),
        Form("vercel|netlify", "rollback|promote|alias|deploy"),
        Form("wrangler", "rollback|deploy"),
        Form("wrangler", "deployments|versions rollback|deploy"),
        Form("firebase", "deploy|hosting:clone|hosting:rollback"),
    ]
)
_HTTP_CACHES = (
    r"(?i)/(?:var/(?:cache|lib)|dev/shm|data|srv|tmp)/(?:[\w.-]+/)*"
    r"[\w.-]*(?:nginx|proxy|varnish|squid|trafficserver|httpd|apache2|fastcgi|page)[\w.-]*"
    r"(?:cache)?(?:/|\Z)"
)
"""The folders in which a proxy keeps what it has fetched."""
PURGING = frozenset(
    [*_PURGES, "curl", "wget", "varnishadm", "rm", "find", "http", "https", "xh", "squidclient"]
)
"""The programs that may empty a cache in front of a site."""
_BANS = frozenset(["ban", "ban.url", "purge", "purge.url"])
_SENDING = ("d", "data", "data-raw", "data-binary", "json", "post-data", "post-file")
_METHODS = frozenset(["PURGE", "BAN", "PURGEKEYS"])
_ADDRESSES = (
    r"(?i)/(?:purge(?:[_-]?(?:cache|all|everything))?|ccu/v\d/(?:invalidate|delete))(?:/|\b)"
)
_COPIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "aws": (("s3", "sync"), ("s3", "cp"), ("s3", "mv")),
    "gsutil": (("cp",), ("rsync",)),
    "gcloud": (("storage", "cp"), ("storage", "rsync")),
    "rclone": (("sync",), ("copy",)),
    "mc": (("cp",), ("mirror",)),
    "az": (("storage", "blob", "upload-batch"), ("storage", "blob", "upload")),
    "azcopy": (("copy",), ("sync",)),
    "rsync": ((),),
    "scp": ((),),
}
_CHECKOUTS = frozenset(["checkout", "reset", "switch"])
_REMOTE = r"^[\w.@$-]+:|^https?://"
_FRONT = r"(?i)cdn|cache|edge|varnish|fastly|cloudfront|cloudflare|akamai|front-?door"
_KEPT = r"(?i)backup|archive|\blogs?\b|evidence|kept|before|old\b"


def purges(placed: PlacedCall) -> bool:
    """Whether it empties a CDN or an HTTP cache, or a part of it."""
    call = placed.call
    if call.program in ("rm", "find"):
        removes = call.program == "rm" or call.has("delete")
        paths = (placed.filled(word) for word in call.operands)
        return removes and any("cache" in p and re.match(_HTTP_CACHES, p) for p in paths)
    if call.program in ("http", "https", "xh", "squidclient"):
        return not _METHODS.isdisjoint((call.value("m") or "", *call.operands[:1]))
    if call.program in ("curl", "wget"):
        method = (call.value("X", "request", "method") or "").upper()
        sends = method in ("POST", "PUT", "DELETE") or call.has(*_SENDING)
        addresses = any(re.search(_ADDRESSES, word) for word in call.operands)
        return method in _METHODS or (sends and addresses)
    if call.program == "varnishadm":
        said = " ".join((*call.operands, *call.given)).split()
        return not _BANS.isdisjoint(said)
    return matching(call, _PURGES) is not None


def sets_back(call: Call) -> bool:
    """Whether it may bring another version of a site, besides what is known to deploy one."""
    return matching(call, _SETS_BACK) is not None


def is_front(name: str) -> bool:
    """Whether a service is, by its name, what stands in front of an origin."""
    return re.search(_FRONT, name) is not None


def fills_origin(placed: PlacedCall) -> bool:
    """Whether it puts files where they are served from: a bucket, another host.

    Also a link on a host that is pointed at another folder, and a checkout there.
    """
    call = placed.call
    if call.where and call.program == "ln":
        return call.has("s", "symbolic") and call.has("f", "force", "n", "no-dereference")
    if call.where and call.program == "git":
        return bool(call.operands) and call.operands[0] in _CHECKOUTS
    operands = tuple(placed.filled(word) for word in call.operands)
    starts = _COPIES.get(call.program, ())
    if not any(operands[: len(start)] == start for start in starts):
        return False
    if call.program == "az":
        return True
    target = operands[-1] if operands else ""
    if re.search(_KEPT, target) or (
        call.program in ("aws", "gcloud", "gsutil") and len(operands) < 3
    ):
        return False
    return "://" in target or re.match(_REMOTE, target) is not None
