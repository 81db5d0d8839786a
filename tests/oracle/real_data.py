"""Read ChnSentiCorp and MRPC as they were published: `python tests/oracle/real_data.py FOLDER`.

`FOLDER` has `ChnSentiCorp/{train,dev,test}.tsv` and `MRPC/{msr_paraphrase_train.txt,
msr_paraphrase_test.txt,dev_ids.tsv}` somewhere in it. A server on loopback has them where
PaddleNLP's has: ChnSentiCorp in an archive made as PaddleNLP's is, of which only the checksum is
changed to that of the archive at hand; of all files the published checksums count.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gft import load_data
from gft.suppliers.paddle import table as paddle_table
from hub.mirror import Mirror
from hub.paddle import DataStore, zipped


def main() -> int:
    """Print how many rows and labels there are; return the exit status."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    published = Path(sys.argv[1])
    mirror = Mirror()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"GFT_PADDLE_MIRROR": mirror.url, "PPNLP_HOME": home}
        store = DataStore(mirror, Path(home))
        serve_archive(store, published)
        for path in published.rglob("MRPC/*"):
            mirror.put(f"/dataset/glue/mrpc/{path.name}", path.read_bytes())
        paddle_table.TABLE = store.copy
        for name in ("chnsenticorp", "glue,mrpc"):
            for split, rows in load_data(f"P:{name}").splits.items():
                print(f"P:{name} {split}: {len(rows)} rows")
                for column in [one for one in rows.columns if one.startswith("label")]:
                    classes = rows.columns[column].classes or ()
                    counted = Counter(rows.column(column))
                    counts = {"none" if n is None else classes[n]: counted[n] for n in counted}
                    print(f"  {column}: {dict(sorted(counts.items()))}")
                first = {name: rows.column(name)[0] for name in rows.columns}
                print("  " + " | ".join(f"{key}={str(one)[:30]}" for key, one in first.items()))
        print(f"in the cache: {', '.join(store.cached())}")
    mirror.close()
    return 0


def serve_archive(store: DataStore, published: Path) -> None:
    """Serve ChnSentiCorp with the junk beside it that the archive of a Macintosh has."""
    files = {path.name: path.read_text("utf-8") for path in published.rglob("ChnSentiCorp/*.tsv")}
    data = zipped(
        {f"ChnSentiCorp/{name}": text for name, text in files.items()} | {"__MACOSX/._x": "junk"}
    )
    archive = store.entry("chnsenticorp")["archive"]
    archive[1] = hashlib.md5(data).hexdigest()
    store.save()
    store.mirror.put("/" + archive[2].split("/", 3)[3], data)


if __name__ == "__main__":
    sys.exit(main())
