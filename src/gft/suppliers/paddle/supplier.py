"""Supplier P: PaddleNLP's models and data sets, read without Paddle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gft.data.folders import path_of
from gft.errors import UserError, listed
from gft.language.program import Options
from gft.language.spec import CONTAINS, Spec
from gft.suppliers.files import ModelFiles
from gft.suppliers.paddle.form import INSIDE, TOKENIZER, WEIGHTS, is_only_paddles
from gft.suppliers.protocol import Found, ModelSource, Search, Supplier

if TYPE_CHECKING:
    from gft.data.table import DataSet

_CONFIG = "config.json"


class Paddle(Supplier):
    """Models and data sets by the names that PaddleNLP gives them, or by a path."""

    letter = "P"
    names = ("PaddleNLP", "PaddleHub", "PaddlePaddle", "Paddle")
    searched = "what PaddleNLP has built in"
    writes = tuple(f"{INSIDE}/{name}" for name in (_CONFIG, WEIGHTS, *TOKENIZER))

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return a data set of PaddleNLP, or of a path."""
        if spec.is_path:
            return self.data_at(path_of(spec), options)
        from gft.suppliers.paddle.data import paddle_data

        return paddle_data(spec, options)

    def model(self, spec: Spec, options: Options) -> ModelSource:
        """Return a model of PaddleNLP, or in a folder: its configuration is read."""
        from gft.suppliers.paddle.model import PaddleModel
        from gft.suppliers.paddle.names import find_model

        files = find_model(spec, options)
        origin = {"path": str(files.folder)} if files.folder else {"name": files.name}
        return PaddleModel(spec, files, {"supplier": self.letter, **origin}, options)

    def model_in(self, spec: Spec, files: ModelFiles, options: Options) -> ModelSource | None:
        """Return the model in files that only Paddle reads."""
        if not is_only_paddles(files.sizes):
            return None
        from gft.suppliers.paddle.folders import FormFiles
        from gft.suppliers.paddle.model import PaddleModel

        return PaddleModel(spec, FormFiles(files, str(spec)), files.origin, options)

    def search(self, search: Search, options: Options) -> tuple[list[Found], bool]:
        """Return the built-in models, with their families, or data sets; nobody is asked."""
        from gft.suppliers.paddle.names import built_in
        from gft.suppliers.paddle.table import paddle_data_names

        if search.kind == "model":
            every = [Found(name, tags=(one["family"],)) for name, one in built_in().items()]
        else:
            every = [Found(name) for name in paddle_data_names()]
        found = [one for one in every if search.part.lower() in one.name.lower()]
        return found[: search.most], len(found) > search.most

    def model_for(self, task: str) -> Spec:
        """Return the model that PaddleNLP does a task with. Raises `UserError` if there is none."""
        from gft.suppliers.paddle.config import READY, UNREADY

        name = task.strip().lower().replace("-", "_").replace(" ", "_")
        if name in READY:
            return Spec(self.letter, READY[name])
        used = f" (PaddleNLP's Taskflow uses {UNREADY[name]})" if name in UNREADY else ""
        raise UserError(
            f"no model of PaddleNLP's is ready for --task P:{task}{used}; name one with --model "
            f"(gft_summary --model H:{CONTAINS}WORD searches the hub); P: has one for "
            f"{listed(READY)}"
        )
