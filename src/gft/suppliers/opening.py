"""From files to the model that they hold, whoever has them; only what is read there is imported."""

from __future__ import annotations

from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.files import ModelFiles
from gft.suppliers.graph_model import GraphSource, is_graph
from gft.suppliers.installed import suppliers
from gft.suppliers.linear_model import LinearSource, is_linear
from gft.suppliers.protocol import ModelSource
from gft.suppliers.weights import is_adapter


def open_model(spec: Spec, files: ModelFiles, options: Options) -> ModelSource:
    """Return the model that files hold: in a supplier's own form, linear, an adapter or a net.

    Raises `UserError` when they hold none.
    """
    for supplier in suppliers().values():
        found = supplier.model_in(spec, files, options)
        if found is not None:
            return found
    if is_linear(files.sizes):
        return LinearSource(spec, files)
    if is_graph(files.sizes):
        return GraphSource(spec, files)
    if is_adapter(files.sizes):
        from gft.suppliers.adapter_model import AdapterSource

        return AdapterSource(spec, files, options)
    from gft.suppliers.transformers_model import TransformersSource

    return TransformersSource(spec, files, options)
