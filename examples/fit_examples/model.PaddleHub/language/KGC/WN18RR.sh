#!/bin/sh
: "${gft:?the folder of gft's repository}"
outdir=${1:?usage: sh WN18RR.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data "C:$gft/datasets/KGC/WN18RR" \
    --output_dir "$outdir" \
    --eqn 'classify: gold ~ Word1 + Word2' \
    --num_train_epochs 10
