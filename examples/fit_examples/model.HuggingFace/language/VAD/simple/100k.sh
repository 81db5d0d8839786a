#!/bin/sh
: "${gft:?the folder of gft's repository}"
outdir=${1:?usage: sh 100k.sh FOLDER}
set -e
python3 "$gft/datasets/make_vad_pairs.py" 100k
gft_fit --model H:bert-base-cased \
    --data "C:$gft/datasets/VAD/simple/VAD.simple.100k" \
    --output_dir "$outdir" \
    --eqn 'regress: gold ~ word1 + word2' \
    --num_train_epochs 10
