"""What a page costs does not depend on the size of the office: each page is asked of a small office and of one four times as large."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from bench.filled import Size
from bench.office import READERS, Cost, Office, addresses, opened
from domain.ground import clock
from tests.prepared import MONDAY

SMALL = Size(
    units=64, people=256, documents=320, record_files=80, batches=80, entries=640, deliveries=1200, meetings=60, tasks=1280, reports=720,
    acts=400, sign_ins=80,
)  # fmt: skip
PAGE = 60  # rows that a list may have more: each shows 50 at most, and the small office does not fill every one of them
LARGEST = 300_000  # bytes

# Pages that still grow, by the reason. The list only shrinks: a page in it that grows no more fails as well.
_STILL: dict[str, list[str]] = {
    "its lists of exceptions are read by batch": [
        "/archive/ledger",
    ],
    "rare words are looked for in every row, up to a thousand of them": [
        "/directives/?q=bao+cao",
    ],
    "a figure of each unit is summed here": [
        "/directives/share", "/directives/share?period=2025&against=2024", "/directives/share/rows",
        "/directives/closings/<int:closing_id>",
    ],
}  # fmt: skip
GROWING = {rule for rules in _STILL.values() for rule in rules}
# Nobody is shown these: an office without an index finds nothing, its objects are elsewhere, or nobody has made there what they show.
UNSEEN = {
    "/account/passkeys/<int:passkey_id>/remove", "/account/provider", "/admin/data-requests/<int:request_id>",
    "/archive/documents/<int:document_id>/files/<int:part>", "/archive/documents/<int:document_id>/pages/<int:number>/image",
    "/archive/documents/<int:document_id>/pages/<int:number>/thumbnail",
    "/archive/documents/<int:document_id>/searchable.pdf", "/archive/find", "/archive/set-aside/<int:document_id>/destroy",
    "/archive/set-aside/<int:document_id>/proof", "/archive/set-aside/<int:document_id>/release",
    "/bodies/<int:body_id>/rules/<int:rules_id>", "/directives/<int:outgoing_id>/evidence/<int:evidence_id>/file",
    "/directives/<int:outgoing_id>/evidence/<int:evidence_id>/withdraw", "/directives/<int:outgoing_id>/file",
    "/directives/<int:outgoing_id>/paper.pdf", "/directives/deliveries/<int:delivery_id>/receipt",
    "/directives/handling/register.pdf", "/directives/handling/register.xlsx", "/directives/imports/<int:import_id>",
    "/directives/imports/<int:import_id>/columns", "/directives/imports/<int:import_id>/refused.xlsx",
    "/directives/inbox/<int:delivery_id>/file", "/directives/incoming/<int:incoming_id>/scan",
    "/directives/incoming/register.pdf", "/directives/incoming/register.xlsx",
    "/indicators/reports/<int:report_id>/files/<int:file_id>", "/meetings/<int:meeting_id>/attendance/<int:participant_id>",
    "/meetings/<int:meeting_id>/convene", "/meetings/<int:meeting_id>/minutes/<int:annex>/archive",
    "/meetings/<int:meeting_id>/minutes/<int:annex>/signed.pdf", "/meetings/<int:meeting_id>/minutes/<int:annex>/verify",
    "/meetings/<int:meeting_id>/notice.docx", "/meetings/<int:meeting_id>/notice.pdf",
    "/meetings/<int:meeting_id>/notice/archive",
    "/meetings/<int:meeting_id>/papers/<int:paper_id>/versions/<int:number>/file",
    "/meetings/<int:meeting_id>/papers/<int:paper_id>/versions/<int:number>/pages/<int:page>/image",
    "/meetings/<int:meeting_id>/papers/<int:paper_id>/versions/<int:number>/pages/<int:page>/thumbnail",
    "/meetings/<int:meeting_id>/votes/<int:vote_id>/hands/others",
    "/opinion-rounds/<int:round_id>", "/opinion-rounds/<int:round_id>/file", "/ready", "/sign-in/provider/back",
}  # fmt: skip


@pytest.fixture(scope="module")
def offices() -> Iterator[dict[str, Office]]:
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with clock.at(MONDAY), opened({"small": SMALL, "large": SMALL.times(4)}) as both:
        yield both
    structlog.configure(**usual)


def growth(small: Cost, large: Cost) -> str:
    """How the larger office makes the page dearer, in words; empty if it does not."""
    found = []
    if small.statements != large.statements:
        found.append(f"{small.statements} statements become {large.statements}")
    if large.rows > small.rows + PAGE:
        found.append(f"{small.rows} rows become {large.rows}")
    if large.size > LARGEST:
        found.append(f"{large.size} bytes")
    return ", ".join(found)


def test_a_page_costs_the_same_in_an_office_four_times_as_large(offices: dict[str, Office]) -> None:
    small, large = offices["small"], offices["large"]
    grown: dict[str, list[str]] = {}
    unseen = set()
    asked = addresses(small)
    for rule, there in addresses(large).items():
        is_seen = False
        for here, address in zip(asked[rule], there, strict=True):
            for login in READERS:
                more = large.ask(login, address)
                assert more.status != 500, f"{address} fails for {login}"
                if more.status != 200 or more.kind not in ("text/html", "application/json"):
                    is_seen |= more.status in (200, 302, 303)
                    continue
                is_seen = True
                if said := growth(small.ask(login, here), more):
                    grown.setdefault(rule, []).append(f"{address} as {login}: {said}")
        if not is_seen:
            unseen.add(rule)
    told = "\n".join(line for rule, lines in grown.items() if rule not in GROWING for line in lines[:2])
    assert not told, f"pages that cost more in a larger office:\n{told}"
    assert grown.keys() >= GROWING, f"these grow no more: take them out of GROWING: {sorted(GROWING - grown.keys())}"
    assert not unseen ^ UNSEEN, (
        f"nobody is shown, or now somebody is: {sorted(unseen ^ UNSEEN)}; say in bench/office.py what is asked"
    )
