"""`rbc schema`: the JSON Schemas of the documents that rbc writes."""

from __future__ import annotations

import click

_EPILOG = """\b
Examples:
  rbc schema                     the names of the documents
  rbc schema auto-rollback > auto-rollback.schema.json
"""


@click.command("schema", epilog=_EPILOG)
@click.argument("document", required=False)
def command(document: str | None) -> None:
    """Print the JSON Schema of DOCUMENT, or the names of the documents there are."""
    from rbdsl.diagnostics import did_you_mean
    from rbdsl.documents.schemas import DOCUMENTS, schema

    if document is None:
        for name in sorted(DOCUMENTS):
            click.echo(name)
        return
    if document not in DOCUMENTS:
        hint = did_you_mean(document, DOCUMENTS) or "there are: " + ", ".join(sorted(DOCUMENTS))
        raise click.UsageError(f"there is no document {document!r}; {hint}")
    click.echo(schema(document), nl=False)
