"""`manifest.json`: what a compilation was made from and every file that it consists of."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from rbdsl.backends.identity import identity
from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.documents.manifest import Compiler, Input, Manifest, ManifestDocument, Output

PATH = "manifest.json"


def manifest(
    request: EmitRequest, targets: Iterable[str], files: Iterable[OutputFile]
) -> OutputFile:
    """The manifest of the given files, which the given targets made."""
    document = ManifestDocument(
        manifest=Manifest(
            format=1,
            plan=identity(request),
            compiler=Compiler(name="rbc", version=request.version),
            targets=sorted(targets),
            inputs=[Input(path=i.path, sha256=i.sha256) for i in request.inputs],
            outputs=[_output(f) for f in sorted(files, key=lambda f: f.path)],
        )
    )
    return OutputFile(PATH, document.to_json())


def _output(file: OutputFile) -> Output:
    content = file.text.encode()
    return Output(
        path=file.path,
        sha256=sha256(content).hexdigest(),
        bytes=len(content),
        mode="0755" if file.executable else "0644",
    )
