"""Platform exports: from cells to proposed entries. Pure."""

from __future__ import annotations
