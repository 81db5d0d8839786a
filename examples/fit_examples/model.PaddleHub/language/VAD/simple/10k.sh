#!/bin/sh
: "${gft:?the folder of gft's repository}"
outdir=${1:?usage: sh 10k.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data "C:$gft/datasets/VAD/simple/VAD.simple.10k" \
    --output_dir "$outdir" \
    --eqn 'regress: gold ~ word1 + word2' \
    --num_train_epochs 10
