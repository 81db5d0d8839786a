#!/bin/sh
: "${gft:?the folder of gft's repository}"
outdir=${1:?usage: sh noun_classic.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data "C:$gft/datasets/syn_ant/tag-noun-pairs" \
    --output_dir "$outdir" \
    --eqn 'classify_classic: gold ~ word1 + word2' \
    --num_train_epochs 10
