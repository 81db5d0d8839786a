"""Supplier P: PaddleNLP's models and data sets, read without Paddle."""

from __future__ import annotations

from gft.data.table import DataSet
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.protocol import ModelSource


class Paddle:
    """Models and data sets by the names that PaddleNLP gives them, or by a path."""

    letter = "P"
    names: tuple[str, ...] = ("PaddleNLP", "PaddleHub", "PaddlePaddle", "Paddle")

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return a data set of PaddleNLP, or of a path."""
        from gft.suppliers.paddle_data import paddle_data

        return paddle_data(spec, options)

    def model(self, spec: Spec, options: Options) -> ModelSource:
        """Return a model of PaddleNLP, or in a folder: its configuration is read."""
        from gft.suppliers.paddle_model import PaddleModel
        from gft.suppliers.paddle_names import find_model

        files = find_model(spec, options)
        place = {"path": str(files.folder)} if files.folder else {"name": files.name}
        return PaddleModel(spec, files, {"supplier": self.letter, **place}, options)
