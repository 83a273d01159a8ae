"""An entry of the register as the facts its document's code carries.

Invariants: the entry alone decides, so that the code can be made again when names, keys and
programmes have changed; what happens after signing (handed over, void) is no fact of it.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from papka.core.document_facts import KEY_HINT, DocumentFacts, entry_digest, key_hint
from papka.core.keys import PublicKey
from papka.model.acts import RegisterEntry
from papka.model.plain import plain

_NOT_SIGNED = frozenset(("salt", "signature", "key", "handed", "void"))


def facts_of(entry: RegisterEntry, key: PublicKey) -> DocumentFacts:
    """What the holder of `key` signs, or signed, of this entry."""
    return _facts(entry, key_hint(key.blob))


def facts_signed(entry: RegisterEntry) -> DocumentFacts:
    """What was signed of an entry that holds its signature: no key is needed to print it again."""
    digest = base64.b64decode((entry.key or "").removeprefix("SHA256:") + "=")
    return _facts(entry, digest[:KEY_HINT])


def _facts(entry: RegisterEntry, hint: bytes) -> DocumentFacts:
    facts = entry.facts
    return DocumentFacts(
        form=entry.form,
        number=entry.number,
        date=entry.date,
        holder=entry.holder,
        organization=_organization(entry),
        entry=entry_digest(bytes.fromhex(entry.salt), signed_part(entry)),
        key=hint,
        birth_date=entry.birth_date,
        programme=_text(facts.get("program")),
        hours=_text(facts.get("hours")),
        started=_day(facts.get("started")),
        ended=_day(facts.get("ended")),
        result=_text(facts.get("result")),
        order=_text(facts.get("order", entry.order)),
        duplicate_of=entry.duplicate_of,
    )


def signed_part(entry: RegisterEntry) -> dict[str, Any]:
    """All of the entry that its document shows."""
    kept = {key: value for key, value in plain(entry).items() if key not in _NOT_SIGNED}
    return _told(kept)


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is absent, so that keys the model gets later change nothing."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, list):
            found[key] = [_told(item) if isinstance(item, dict) else item for item in value]
        else:
            found[key] = _told(value) if isinstance(value, dict) else value
    return {key: value for key, value in found.items() if value not in (None, [], {})}


def _organization(entry: RegisterEntry) -> str:
    issuer = entry.issuer
    return (issuer.inn or issuer.ogrn or issuer.short_name or issuer.name) if issuer else ""


def _text(value: str | float | None) -> str | None:
    """Numbers as a Russian reads them: 108; 17,5."""
    if isinstance(value, str) or value is None:
        return value
    return f"{value:.10g}".replace(".", ",")


def _day(value: str | float | None) -> dt.date | None:
    """None also for what is no date: the digest of the entry still binds it."""
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None
