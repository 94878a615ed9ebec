"""portal: relays between the two domains of a workflow that spans them. Always played by a stand-in.

The controller adds it where a link leaves its domain, with the configuration it needs; nobody writes one into a
workflow (EDGELESS 1.2).
"""

from __future__ import annotations

from workbench.resources.model import Kind, Setting

KIND = Kind(
    class_type="portal",
    words="relays what is sent to it to another domain",
    settings=(
        Setting("role", "which end of the link it is"),
        Setting("domain", "the domain it is in"),
        Setting("domain_name", "the domain at the other end"),
        Setting("id", "what both ends of the link are called"),
    ),
    outputs=("out",),
    decode=lambda payload, sent_to: f"relayed {'to' if sent_to else 'from'} the other domain",
)
