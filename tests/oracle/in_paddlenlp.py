"""What PaddleNLP itself says: run where it is installed, by `check_paddle.py`.

    python in_paddlenlp.py make FOLDER      tiny models of every family, with what they answer
    python in_paddlenlp.py answer FOLDER..  what models in these folders answer, and read again
    python in_paddlenlp.py names            its table of built-in models
    python in_paddlenlp.py rows PLAN        the rows of data sets that are in its cache

Each prints one JSON object on standard output, after a line of `=`.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")

import numpy  # noqa: E402
import paddle  # noqa: E402
from paddlenlp import transformers  # noqa: E402

FAMILIES = {
    "bert": "Bert",
    "ernie": "Ernie",
    "ernie_gram": "ErnieGram",
    "skep": "Skep",
    "roberta": "Roberta",
    "tinybert": "TinyBert",
    "electra": "Electra",
    "bart": "Bart",
}
HEADS = {
    "sequence": "ForSequenceClassification",
    "tokens": "ForTokenClassification",
    "spans": "ForQuestionAnswering",
}
ENCODER = {
    "vocab_size": 32,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 24,
    "max_position_embeddings": 40,
}
BART = {
    "vocab_size": 32,
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 24,
    "max_position_embeddings": 40,
}
KEPT = ("hidden_act", "type_vocab_size", "use_task_id", "task_type_vocab_size", "pad_token_id",
        "layer_norm_eps", "pool_act", "cls_token_id", "rel_pos_size", "scale_embedding",
        "activation_function")  # fmt: skip
"""Fields of a built-in configuration that say how it computes: all others are shrunk."""


def main() -> None:
    """Do what the command line says."""
    what, *words = sys.argv[1:]
    if what == "make":
        found: Any = make(Path(words[0]))
    elif what == "answer":
        found = {folder: answer(Path(folder)) for folder in words}
    elif what == "names":
        found = names()
    else:
        found = rows(json.loads(Path(words[0]).read_text(encoding="utf-8")))
    print("=" * 20)
    print(json.dumps(found, ensure_ascii=False))


def built_in(family: str) -> dict[str, dict[str, Any]]:
    """Return PaddleNLP's own configurations of the built-in models of a family."""
    model = getattr(transformers, f"{FAMILIES[family]}Model")
    return dict(model.pretrained_init_configuration)


def kinds(family: str) -> dict[str, dict[str, Any]]:
    """Return small configurations, one for each way that built-in models of a family compute."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for name, config in built_in(family).items():
        own = {key: config[key] for key in KEPT if key in config}
        fields = {**(BART if family == "bart" else ENCODER), **own}
        if "embedding_size" in config:
            narrow = config["embedding_size"] < config["hidden_size"]
            fields["embedding_size"] = 8 if narrow else 16
        if family == "tinybert":
            fields["fit_size"] = 16
        found.setdefault(json.dumps(fields, sort_keys=True), (name, fields))
    return {name.replace("/", "+"): fields for name, fields in found.values()}


def make(top: Path) -> dict[str, Any]:
    """Write a model of each kind under each head that its family has; return what they answer."""
    made = {}
    for family, prefix in FAMILIES.items():
        for name, fields in kinds(family).items():
            for head, suffix in HEADS.items():
                if hasattr(transformers, prefix + suffix):
                    case = f"{family}.{name}.{head}"
                    made[case] = make_one(top / case, family, head, fields, len(made))
    return made


def make_one(
    folder: Path, family: str, head: str, fields: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Write one model with random weights; return inputs and its outputs."""
    paddle.seed(seed)
    random = numpy.random.RandomState(seed)
    labels = {} if head == "spans" else {"num_labels": 3}
    config = getattr(transformers, f"{FAMILIES[family]}Config")(**fields, **labels)
    model = getattr(transformers, FAMILIES[family] + HEADS[head])(config)
    model.eval()
    for weight in model.parameters():
        wide = weight.numpy() * 6 if weight.ndim > 1 else weight.numpy()
        noise = random.normal(0, 0.1, weight.shape) if weight.ndim == 1 else 0
        weight.set_value((wide + noise).astype("float32"))
    model.save_pretrained(str(folder))
    inputs = some_inputs(family, fields, config.pad_token_id, random)
    return {**inputs, "outputs": outputs_of(model, inputs)}


def some_inputs(
    family: str, fields: dict[str, Any], padding: int, random: Any
) -> dict[str, list[list[int]]]:
    """Return three rows of tokens, one of them padded."""
    ids = random.randint(5, fields["vocab_size"], (3, 12))
    mask = numpy.ones_like(ids)
    mask[2, 8:] = 0
    ids[mask == 0] = padding
    if family == "bart":  # its classifier wants one end in each row
        for row, end in ((0, 11), (1, 11), (2, 7)):
            ids[row, 0], ids[row, end] = 0, 2
    inputs = {"input_ids": ids.tolist(), "attention_mask": mask.tolist()}
    if family != "bart" and fields.get("type_vocab_size", 2):
        types = numpy.zeros_like(ids)
        if fields.get("type_vocab_size", 2) > 1:
            types[:, 6:] = mask[:, 6:]
        inputs["token_type_ids"] = types.tolist()
    return inputs


def outputs_of(model: Any, inputs: dict[str, Any]) -> list[Any]:
    """Return the logits of a model, one array or two."""
    with paddle.no_grad():
        found = model(**{name: paddle.to_tensor(value) for name, value in inputs.items()})
    arrays = [found] if isinstance(found, paddle.Tensor) else list(found)[:2]
    return [array.numpy().astype("float64").tolist() for array in arrays]


def answer(folder: Path) -> dict[str, Any]:
    """Return what a model in a folder makes of the texts beside it; save it again under `again`."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    [name] = config["architectures"]
    suffix = next(one for one in HEADS.values() if name.endswith(one))
    model = getattr(transformers, f"AutoModel{suffix}").from_pretrained(str(folder))
    model.eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder))
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    said = []
    for text in texts:
        words = text if isinstance(text, list) else [text]
        encoded = tokenizer(*words, return_attention_mask=True, return_token_type_ids=True)
        wanted = ["input_ids", "attention_mask"]
        if config["model_type"] != "bart" and config.get("type_vocab_size") != 1:
            wanted.append("token_type_ids")
        inputs = {one: [encoded[one]] for one in wanted}
        said.append({"ids": encoded["input_ids"], "outputs": outputs_of(model, inputs)})
    model.save_pretrained(str(folder / "again"))
    tokenizer.save_pretrained(str(folder / "again"))
    kinds = [type(model).__name__, type(tokenizer).__name__]
    return {"class": kinds[0], "tokenizer": kinds[1], "said": said}


def names() -> dict[str, Any]:
    """Return configuration, address of the weights, and tokenizer of each built-in model."""
    found = {}
    for family, prefix in FAMILIES.items():
        model = getattr(transformers, f"{prefix}Model")
        places = model.pretrained_resource_files_map["model_state"]
        for name, config in built_in(family).items():
            found[name] = {"family": family, "config": config, "weights": places.get(name)}
    for kind in ("Bert", "Ernie", "ErnieGram", "Skep", "RobertaChinese", "RobertaBPE",
                 "TinyBert", "Electra", "Bart"):  # fmt: skip
        tokenizer = getattr(transformers, f"{kind}Tokenizer")
        for file, places in tokenizer.pretrained_resource_files_map.items():
            for name, url in places.items():
                if name in found and url:
                    own = found[name].setdefault("tokenizer", {"files": {}, "settings": {}})
                    own["files"][file] = url
                    settings = tokenizer.pretrained_init_configuration.get(name) or {}
                    own["settings"].update(settings)
    return found


class _Equal(str):
    """Equal to anything: what stands for a checksum that is not to be compared."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


def beside(module: dict[str, Any]) -> None:
    """Write the vocabularies and lists of labels that builders ask for beside the rows."""
    kinds = [one for one in module.values() if hasattr(one, "SPLITS") and isinstance(one, type)]
    for kind in kinds:
        home = Path(module["DATA_HOME"]) / kind.__name__
        # IWSLT15 takes one of its checksums for the name of a file.
        asked = numpy.ravel(getattr(kind, "VOCAB_INFO", ())).tolist()
        texts = dict.fromkeys(asked, "<unk>\n<s>\n</s>\n")
        if hasattr(kind, "LABEL_PATH"):
            texts[kind.LABEL_PATH] = "0.0\n3.250\n"
        for path, text in texts.items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_text(text, encoding="utf-8")


def rows(plan: list[list[Any]]) -> dict[str, Any]:
    """Return the rows of `[data set, configuration or null, splits]`, or why there are none."""
    from paddlenlp.datasets import load_dataset

    found: dict[str, Any] = {}
    for key, config, splits in plan:
        module = importlib.reload(importlib.import_module(f"paddlenlp.datasets.{key}"))
        module.md5file = lambda path: _Equal()
        beside(module.__dict__)
        if config in ("CHIP-CDN", "CHIP-CTC"):  # It keeps their labels in tables of Excel.
            module.CBLUE.get_labels = lambda self: None
        for split in splits:
            name = f"{key},{config or ''}:{split}"
            try:
                read = load_dataset(key, name=config, splits=split, lazy=False)
                found[name] = {"labels": read.label_list, "rows": list(read)}
            except Exception as problem:
                found[name] = {"error": f"{type(problem).__name__}: {problem}"}
    return found


if __name__ == "__main__":
    main()
