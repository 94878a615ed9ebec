"""Classes of resources as rules know them, without a running part."""

from __future__ import annotations

from workbench.resources import http_ingress, http_poster
from workbench.resources.model import Kind, Setting

KINDS = {
    kind.class_type: kind
    for kind in (
        Kind("file-log", "writes lines", settings=(Setting("filename", "the file", required=True),)),
        Kind(
            "http-ingress",
            "takes requests",
            settings=(
                Setting("method", "which methods"),
                Setting("async", "casts", choices=("true", "false")),
            ),
            outputs=("new_request",),
            faults=http_ingress.KIND.faults,
            takes_cast=False,
            takes_call=False,
        ),
        Kind(
            "serverless",
            "posts",
            settings=(Setting("workbench:function_url", "the URL", required=True),),
            outputs=("out", "err"),
        ),
        Kind(
            "http-poster",
            "posts",
            settings=(Setting("url", "where to", required=True),),
            faults=http_poster.KIND.faults,
        ),
        Kind("dda", "has outputs of its own making"),
        Kind("redis", "keeps values", settings=(Setting("url", "where it is", required=True),)),
    )
}
